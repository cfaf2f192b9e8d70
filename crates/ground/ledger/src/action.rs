//! What a leaf says was done, judged and achieved, as stable numbers.
//!
//! A number is never reused or given another meaning: it stands in leaves that are signed.

/// Makes an enum whose numbers and plain words are written once.
macro_rules! codes {
    ($(#[$doc:meta])* $name:ident: $int:ty { $($(#[$vdoc:meta])* $variant:ident = $code:literal, $word:literal;)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[repr($int)]
        pub enum $name { $($(#[$vdoc])* $variant = $code,)* }

        impl $name {
            /// All of them, in the order of their numbers.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The number that stands in the leaf.
            #[must_use]
            pub const fn code(self) -> $int {
                self as $int
            }

            /// The meaning of a number; `None` when this version knows none.
            #[must_use]
            pub const fn from_code(code: $int) -> Option<Self> {
                match code { $($code => Some(Self::$variant),)* _ => None }
            }

            /// The plain word for screens and reports.
            #[must_use]
            pub const fn word(self) -> &'static str {
                match self { $(Self::$variant => $word,)* }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.word())
            }
        }
    };
}

codes! {
    /// What was done. 1..=9 change one record, 10..=19 read, 20..=29 move many records in,
    /// 30..=39 erase, 40..=49 are about sessions, 50 and above about the installation.
    Action: u16 {
        /// A record was made.
        Create = 1, "create";
        /// Fields of a record were changed.
        Change = 2, "change";
        /// A record was put into the bin; it can be restored.
        Delete = 3, "delete";
        /// A record was taken back out of the bin.
        Restore = 4, "restore";
        /// A record was sealed again under a new key, its values unchanged.
        Reseal = 5, "seal again";
        /// One record was opened.
        Open = 10, "open";
        /// A list was shown; `count` says how many records.
        List = 11, "list";
        /// A search was answered; `count` says how many records.
        Search = 12, "search";
        /// Records left the product as a file; `count` says how many.
        Export = 13, "export";
        /// A masked field was shown in clear.
        Reveal = 14, "reveal";
        /// The log itself was read.
        ReadLog = 15, "read the log";
        /// An import ended; its records have `create` leaves of their own, `count` says how many.
        Import = 20, "import";
        /// A tombstone: a record or subject was erased; `count` says how many leaves of changes
        /// were unlinked from it.
        Erase = 30, "erase";
        /// An erasure was planned and shown.
        ErasePlan = 31, "plan an erasure";
        /// A session began.
        SignIn = 40, "sign in";
        /// Somebody failed to sign in.
        SignInFailed = 41, "failed sign-in";
        /// A session ended.
        SignOut = 42, "sign out";
        /// A key was made, changed over or destroyed.
        Key = 50, "key";
        /// A backup was made.
        Backup = 60, "back up";
        /// A backup was restored.
        RestoreBackup = 61, "restore a backup";
        /// The log was verified.
        Verify = 62, "verify";
        /// A setting, role or policy was changed.
        Config = 70, "change a setting";
    }
}

impl Action {
    /// Whether a leaf of this action changes one record and so carries its state after the
    /// change, is linked to it, and counts as one step of its revision.
    #[must_use]
    pub const fn is_mutation(self) -> bool {
        matches!(
            self,
            Self::Create | Self::Change | Self::Delete | Self::Restore | Self::Reseal
        )
    }
}

codes! {
    /// What the policies said.
    Decision: u8 {
        /// No policy was asked: the system's own act.
        NotAsked = 0, "not asked";
        /// Allowed.
        Allowed = 1, "allowed";
        /// Refused.
        Refused = 2, "refused";
    }
}

codes! {
    /// What came of it.
    Outcome: u8 {
        /// It was done.
        Done = 0, "done";
        /// It was refused and nothing happened.
        Refused = 1, "refused";
        /// It failed and nothing happened.
        Failed = 2, "failed";
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_number_leads_back_to_its_action() {
        for &action in Action::ALL {
            assert_eq!(Action::from_code(action.code()), Some(action));
            assert_eq!(action.is_mutation(), action.code() < 10);
        }
        assert_eq!(Action::from_code(0), None);
        assert_eq!(Action::from_code(u16::MAX), None);
    }
}
