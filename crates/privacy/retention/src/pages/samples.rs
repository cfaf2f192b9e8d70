//! Filled pages for the gallery.

use super::*;
use web::gallery::Gallery;

fn going(holder: &str, what: &str, how: &str, count: &str) -> Going {
    Going {
        holder: holder.into(),
        what: what.into(),
        how: how.into(),
        count: count.into(),
    }
}

fn goes() -> Vec<Going> {
    vec![
        going(
            "Contacts",
            "name, 2 mail addresses, 1 phone number, address",
            "key destroyed",
            "9",
        ),
        going(
            "Timeline",
            "4 notes about nobody else; 2 shared notes lose the link",
            "key destroyed",
            "6",
        ),
        going(
            "Search",
            "entries that find the person",
            "rows deleted",
            "31",
        ),
    ]
}

fn stays() -> Vec<Staying> {
    vec![
        Staying {
            what: "2 invoices".into(),
            why: "Tax law asks to keep them: § 147 AO".into(),
            until: "until 31 December 2034".into(),
        },
        Staying {
            what: "A keyed fingerprint".into(),
            why: "So that an import does not bring the person back: Art. 17(3)(b) GDPR".into(),
            until: String::new(),
        },
    ]
}

fn plan(error: &str) -> PlanPage {
    PlanPage {
        shell: Shell::sample().titled("Erase Josephine Darakjy", "contacts"),
        name: "Josephine Darakjy".into(),
        avatar: Avatar::of("Josephine Darakjy").large(),
        back: Link::new("Josephine Darakjy", "/contacts/1"),
        goes: goes(),
        total: "46 values in 3 places".into(),
        stays: stays(),
        backups: "In every backup the sealed data stays unreadable, because the key is gone; a restored backup erases the person again before it opens.".into(),
        stopped: String::new(),
        confirm: Some(Confirm {
            id: "erase-form",
            action: "/contacts/1/erase".into(),
            csrf: "sample".into(),
            name: "Josephine Darakjy".into(),
            warning: "This cannot be undone, by anybody.".into(),
            button: "Erase for good".into(),
            cancel: "/contacts/1".into(),
            error: error.into(),
            carried: vec![("plan", "9f3c5b1e".into())],
        }),
    }
}

#[test]
fn every_page_keeps_the_rules() {
    let gallery = Gallery::open("retention");
    gallery.page("plan", &plan(""));
    gallery.page(
        "plan-mistyped",
        &plan("This is not the name. Nothing was erased."),
    );
    let stopped = "A legal hold stops this until it is lifted: dispute 12, set by Tom Reyes. A privacy officer can lift it.";
    gallery.page(
        "plan-stopped",
        &PlanPage {
            stopped: stopped.into(),
            confirm: None,
            stays: vec![],
            ..plan("")
        },
    );
    let certificate = CertificatePage {
        shell: Shell::sample().titled("Certificate of erasure 41", "erasures"),
        number: "41".into(),
        when: "23 November 2026, 11:04 (Berlin)".into(),
        by: "Marta Kowal".into(),
        because: "asked by the person, Art. 17(1)(b) GDPR".into(),
        went: goes(),
        stays: stays(),
        leaf: "48,311".into(),
        tree_size: "48,312".into(),
        root: "9f3c5b1e7a8d44f0c2b19e6d5a7f3310b8e1c4d92f6a7b5e8c1d0f4a3b2c6da1".into(),
        key: "1a2b3c4d5e6f7081".into(),
        file_href: "/erasures/41/certificate".into(),
    };
    gallery.page("certificate", &certificate);
    gallery.page(
        "certificate-bare",
        &CertificatePage {
            stays: vec![],
            file_href: String::new(),
            ..certificate
        },
    );
}
