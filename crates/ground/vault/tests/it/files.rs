//! The root key's file: who may read it, and a clear word for everything that can be wrong with it.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::sync::Arc;

use vault::{Error, FileProvider, KeyProvider, Secret, Stretch, Vault};

use crate::{NOW, RNG, new_vault, on_each_engine, provider, workspace};

/// As little as argon2 takes.
const QUICK: Stretch = Stretch {
    memory_kib: 64,
    passes: 1,
};

fn in_dir(test: impl Fn(PathBuf)) {
    let dir = tempfile::tempdir().unwrap();
    test(dir.path().join("root.key"));
}

#[test]
fn a_key_comes_back_from_its_file() {
    for passphrase in [None, Some("correct horse"), Some("пароль")] {
        in_dir(|path| {
            let made = FileProvider::create(&path, passphrase, &RNG, QUICK).unwrap();
            assert_eq!(
                fs::metadata(&path).unwrap().permissions().mode() & 0o7777,
                0o600
            );
            let read = FileProvider::open(&path, passphrase).unwrap();
            assert_eq!(made.key_id(), read.key_id());
            assert_eq!(made.key_id().len(), "rk-0123456789abcdef".len());
            let secret = Secret::random(&RNG);
            let wrapped = made.wrap(b"aad", secret.expose(), &RNG).unwrap();
            assert_eq!(
                read.unwrap(b"aad", &wrapped).unwrap().expose(),
                secret.expose()
            );
            assert!(matches!(
                read.unwrap(b"other", &wrapped),
                Err(Error::KeyDamaged)
            ));
            assert!(matches!(
                read.unwrap(b"aad", &wrapped[1..]),
                Err(Error::KeyDamaged)
            ));
            assert!(matches!(read.unwrap(b"aad", &[]), Err(Error::KeyDamaged)));
            for byte in 0..wrapped.len() {
                let mut bad = wrapped.clone();
                bad[byte] ^= 0x40;
                assert!(matches!(read.unwrap(b"aad", &bad), Err(Error::KeyDamaged)));
            }
        });
    }
}

#[test]
fn a_sealed_file_holds_no_bare_key_and_says_how_it_is_sealed() {
    in_dir(|path| {
        FileProvider::create(&path, Some("secret"), &RNG, Stretch::STANDARD).unwrap();
        let text = fs::read_to_string(&path).unwrap();
        assert!(
            text.contains("stretch argon2id m=65536 t=3 p=1\n"),
            "{text}"
        );
        assert!(!text.contains("plain"), "{text}");
        FileProvider::open(&path, Some("secret")).unwrap();
    });
}

#[test]
fn each_failure_has_its_own_word_and_names_the_key() {
    in_dir(|path| {
        assert!(matches!(
            FileProvider::open(&path, None),
            Err(Error::RootMissing)
        ));
        let made = FileProvider::create(&path, Some("right"), &RNG, QUICK).unwrap();
        let before = fs::read(&path).unwrap();
        let again = FileProvider::create(&path, Some("right"), &RNG, QUICK);
        assert!(matches!(again, Err(Error::RootExists)));

        let wrong = FileProvider::open(&path, Some("wrong")).unwrap_err();
        assert!(matches!(wrong, Error::PassphraseWrong { .. }), "{wrong}");
        assert!(wrong.to_string().contains(made.key_id()), "{wrong}");
        let needed = FileProvider::open(&path, None).unwrap_err();
        assert!(matches!(needed, Error::PassphraseNeeded { .. }), "{needed}");
        assert!(needed.to_string().contains(made.key_id()), "{needed}");
        assert_eq!(fs::read(&path).unwrap(), before, "no failure writes");
    });
    in_dir(|path| {
        let made = FileProvider::create(&path, None, &RNG, QUICK).unwrap();
        let given = FileProvider::open(&path, Some("any")).unwrap_err();
        assert!(
            matches!(given, Error::PassphraseNotNeeded { .. }),
            "{given}"
        );
        assert!(given.to_string().contains(made.key_id()), "{given}");
        for mode in [0o640, 0o604, 0o620, 0o601, 0o660, 0o644] {
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
            let open = FileProvider::open(&path, None);
            assert!(matches!(open, Err(Error::RootOpenToOthers)), "{mode:o}");
        }
        fs::set_permissions(&path, fs::Permissions::from_mode(0o400)).unwrap();
        FileProvider::open(&path, None).unwrap();
    });
    in_dir(|path| {
        fs::create_dir(&path).unwrap();
        assert!(matches!(
            FileProvider::open(&path, None),
            Err(Error::RootDamaged | Error::Io(_))
        ));
    });
}

#[test]
fn every_damaged_byte_of_the_file_is_damage_not_a_wrong_passphrase() {
    for passphrase in [None, Some("right")] {
        in_dir(|path| {
            FileProvider::create(&path, passphrase, &RNG, QUICK).unwrap();
            let good = fs::read(&path).unwrap();
            let refused = |bytes: &[u8]| {
                fs::write(&path, bytes).unwrap();
                matches!(
                    FileProvider::open(&path, passphrase),
                    Err(Error::RootDamaged)
                )
            };
            for byte in 0..good.len() {
                let mut bad = good.clone();
                bad[byte] ^= 1;
                assert!(refused(&bad), "byte {byte}");
                assert!(refused(&good[..byte]), "cut at {byte}");
            }
            assert!(refused(&[good.as_slice(), b"\n"].concat()));
            assert!(refused(&vec![b'a'; 5_000]));
            assert!(!refused(&good));
        });
    }
}

#[test]
fn a_wrong_root_key_is_refused_by_name_and_nothing_is_touched() {
    on_each_engine(|db| {
        let (right, wrong) = (provider(), provider());
        new_vault(&db, &right, 1);
        let refusal = db
            .read(|tx| Vault::open(tx, Arc::clone(&wrong), workspace(1)))
            .unwrap_err();
        assert!(matches!(refusal, Error::WrongRoot { .. }), "{refusal}");
        let words = refusal.to_string();
        assert!(
            words.contains(right.key_id()) && words.contains(wrong.key_id()),
            "{words}"
        );
        let asked = db.read(|tx| Vault::root_id(tx, workspace(1))).unwrap();
        assert_eq!(asked.as_deref(), Some(right.key_id()));
        assert_eq!(
            db.read(|tx| Vault::root_id(tx, workspace(2))).unwrap(),
            None
        );
        let nothing = db.read(|tx| Vault::open(tx, Arc::clone(&right), workspace(2)));
        assert!(matches!(nothing, Err(Error::NoWorkspace)));
        let root = Arc::clone(&right);
        let again = db.write(move |tx| Vault::create(tx, root.as_ref(), workspace(1), &RNG, NOW));
        assert!(matches!(again, Err(Error::WorkspaceExists)));
    });
}

/// Another key that bears the right id: what it cannot open is named as damage of the store.
struct Impostor(Arc<dyn KeyProvider>, Arc<dyn KeyProvider>);

impl KeyProvider for Impostor {
    fn key_id(&self) -> &str {
        self.0.key_id()
    }
    fn wrap(&self, aad: &[u8], key: &[u8; 32], rng: &dyn base::Rng) -> vault::Result<Vec<u8>> {
        self.1.wrap(aad, key, rng)
    }
    fn unwrap(&self, aad: &[u8], wrapped: &[u8]) -> vault::Result<Secret> {
        self.1.unwrap(aad, wrapped)
    }
}

#[test]
fn a_store_that_does_not_open_under_its_own_root_is_damaged() {
    on_each_engine(|db| {
        let root = provider();
        new_vault(&db, &root, 1);
        let impostor: Arc<dyn KeyProvider> = Arc::new(Impostor(Arc::clone(&root), provider()));
        let refusal = db
            .read(|tx| Vault::open(tx, impostor.clone(), workspace(1)))
            .unwrap_err();
        assert!(matches!(refusal, Error::StoreDamaged { .. }), "{refusal}");
        assert!(refusal.to_string().contains(root.key_id()));

        // A key moved from one workspace to another does not open there.
        new_vault(&db, &root, 2);
        db.write(|tx| {
            tx.keys().execute(
                "UPDATE key_service SET wrapped = (SELECT o.wrapped FROM key_service o
                   WHERE o.ws = 1 AND o.name = key_service.name) WHERE ws = 2",
                store::params![],
            )
        })
        .unwrap();
        let moved = db.read(|tx| Vault::open(tx, Arc::clone(&root), workspace(2)));
        assert!(matches!(moved, Err(Error::StoreDamaged { .. })));
    });
}
