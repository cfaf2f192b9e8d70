//! Roles and purposes, as data.

use aws_lc_rs::digest::{SHA256, digest};
use serde::Deserialize;

use crate::decide::Action;

/// A purpose's stable number, as it stands in leaves and grants.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Deserialize)]
#[serde(transparent)]
pub struct PurposeId(pub u16);

/// Why data is used.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Purpose {
    /// Stable number, never reused.
    pub number: PurposeId,
    /// Stable name, as schemas and roles use it.
    pub name: String,
    /// As people read it.
    pub label: String,
    /// What it covers, in a sentence.
    pub description: String,
    /// The legal basis, per law.
    pub basis: Vec<Basis>,
}

/// On what a law lets a purpose stand.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Basis {
    /// The law.
    pub law: String,
    /// Where it says so.
    pub article: String,
    /// The basis, in the law's own words.
    pub basis: String,
}

/// Which rows a role reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Reach {
    All,
    Own,
}

/// What a group of actors may do.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Role {
    /// Stable name.
    pub name: String,
    /// As people read it.
    pub label: String,
    /// Names of the purposes it may choose; the first is where it starts.
    pub purposes: Vec<String>,
    pub(crate) rows: Reach,
    pub(crate) actions: Vec<Action>,
    pub(crate) clear: Vec<String>,
    #[serde(default)]
    pub(crate) masked: Vec<String>,
}

impl Role {
    /// Whether it may take an action on anything at all.
    #[must_use]
    pub fn may(&self, action: Action) -> bool {
        self.actions.contains(&action)
    }
}

/// All roles and purposes in force.
#[derive(Debug, Clone)]
pub struct Policy {
    purposes: Vec<Purpose>,
    roles: Vec<Role>,
    hash: [u8; 16],
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Purposes {
    purpose: Vec<Purpose>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Roles {
    role: Vec<Role>,
}

impl Policy {
    /// The policy the program brings.
    ///
    /// # Panics
    /// When the files beside this code do not fit each other: a test reads them.
    #[must_use]
    pub fn built_in() -> Self {
        let (purposes, roles) = (include_str!("purposes.toml"), include_str!("roles.toml"));
        Self::parse(purposes, roles).expect("the built-in policy is sound")
    }

    fn parse(purposes: &str, roles: &str) -> Result<Self, String> {
        let hash = digest(&SHA256, [purposes, roles].concat().as_bytes());
        let purposes = toml::from_str::<Purposes>(purposes)
            .map_err(|e| e.to_string())?
            .purpose;
        let roles = toml::from_str::<Roles>(roles)
            .map_err(|e| e.to_string())?
            .role;
        for role in &roles {
            if role.purposes.is_empty() {
                return Err(format!("the role {} has no purpose", role.name));
            }
            if let Some(unknown) = role
                .purposes
                .iter()
                .find(|name| !purposes.iter().any(|p| p.name == **name))
            {
                return Err(format!(
                    "the role {} names the unknown purpose {unknown}",
                    role.name
                ));
            }
        }
        let mut short = [0; 16];
        short.copy_from_slice(&hash.as_ref()[..16]);
        Ok(Self {
            purposes,
            roles,
            hash: short,
        })
    }

    /// All purposes.
    #[must_use]
    pub fn purposes(&self) -> &[Purpose] {
        &self.purposes
    }

    /// All roles.
    #[must_use]
    pub fn roles(&self) -> &[Role] {
        &self.roles
    }

    /// A role by name.
    #[must_use]
    pub fn role(&self, name: &str) -> Option<&Role> {
        self.roles.iter().find(|role| role.name == name)
    }

    /// A purpose by name.
    #[must_use]
    pub fn purpose_named(&self, name: &str) -> Option<&Purpose> {
        self.purposes.iter().find(|purpose| purpose.name == name)
    }

    /// A purpose by number.
    #[must_use]
    pub fn purpose(&self, number: PurposeId) -> Option<&Purpose> {
        self.purposes
            .iter()
            .find(|purpose| purpose.number == number)
    }

    /// The purposes a role may choose from, in its order.
    pub fn purposes_of<'a>(&'a self, role: &'a Role) -> impl Iterator<Item = &'a Purpose> {
        role.purposes
            .iter()
            .filter_map(|name| self.purpose_named(name))
    }

    /// Fingerprint of the whole policy, as leaves carry it.
    #[must_use]
    pub const fn hash(&self) -> [u8; 16] {
        self.hash
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_built_in_policy_is_sound_and_its_purposes_have_a_basis() {
        let policy = Policy::built_in();
        assert!(
            policy
                .purposes()
                .iter()
                .all(|p| !p.basis.is_empty() && !p.description.is_empty())
        );
        let mut numbers: Vec<_> = policy.purposes().iter().map(|p| p.number).collect();
        numbers.sort();
        numbers.dedup();
        assert_eq!(numbers.len(), policy.purposes().len());
    }

    #[test]
    fn a_role_with_an_unknown_purpose_is_refused() {
        let roles =
            "[[role]]\nname='x'\nlabel='X'\npurposes=['nope']\nrows='all'\nactions=[]\nclear=[]";
        assert!(Policy::parse("purpose = []", roles).is_err());
    }
}
