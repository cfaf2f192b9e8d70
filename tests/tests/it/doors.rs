//! Who may open the data directory: one process at a time, and only with its root key.

use std::fs;

use journeys::{Privet, Server, fingerprint};

#[test]
fn a_second_process_on_the_same_directory_is_refused() {
    let privet = Privet::new();
    let token = privet.token();
    let server = privet.serve();
    let mut api = server.api(&token);
    let made = api
        .create("Ottoline", "Quarrington", "oq@quarrington.example", "one")
        .expect("an answer");
    assert_eq!(made.status, 201, "{}", made.text());

    privet
        .run("find", &["Quarrington"])
        .refused(&["another privet process", "data directory"]);
    privet
        .run("verify", &[])
        .refused(&["another privet process"]);
    let mut second = privet.command("serve");
    second.args(["--listen", "127.0.0.1:0"]);
    let said = Server::try_start(second)
        .err()
        .expect("the second server is refused");
    assert!(said.contains("another privet process"), "{said}");

    let found = api.find("Quarrington").expect("the first still answers");
    assert_eq!(found.len(), 1);
    assert!(server.stop().success());
    assert_eq!(
        privet.find("Quarrington").len(),
        1,
        "the directory is free again"
    );
    privet.verifies();
}

#[test]
fn without_its_root_key_nothing_opens_and_nothing_is_touched() {
    let privet = Privet::new();
    let file = privet.file(
        "one.csv",
        b"first_name,last_name,email\nOttoline,Quarrington,oq@q.example\n",
    );
    assert_eq!(privet.json("import", &[&file])["created"], 1);
    let key = privet.data().join("root.key");
    let own = fs::read(&key).expect("the root key lies in the directory");
    let foreign =
        fs::read(Privet::new().data().join("root.key")).expect("another installation's key");
    assert_ne!(own, foreign, "each installation has a root key of its own");

    let mut cut = own.clone();
    cut.truncate(own.len() / 2);
    let mut altered = own.clone();
    let last = altered
        .iter()
        .rposition(u8::is_ascii_alphanumeric)
        .expect("a byte to alter");
    altered[last] = if altered[last] == b'0' { b'1' } else { b'0' };
    for (what, content) in [
        ("none", None),
        ("foreign", Some(foreign)),
        ("cut", Some(cut)),
        ("altered", Some(altered)),
    ] {
        match &content {
            Some(bytes) => fs::write(&key, bytes).expect("the key is replaced"),
            None => fs::remove_file(&key).expect("the key is taken away"),
        }
        let before = fingerprint(privet.data());
        for (command, args) in [
            ("find", vec!["Quarrington"]),
            ("verify", vec![]),
            ("import", vec![file.as_str()]),
        ] {
            privet.run(command, &args).refused(&["root key"]);
        }
        let mut serve = privet.command("serve");
        serve.args(["--listen", "127.0.0.1:0"]);
        let said = Server::try_start(serve)
            .err()
            .expect("the server refuses to start");
        assert!(
            said.to_lowercase().contains("root key"),
            "with key {what}: {said}"
        );
        assert_eq!(
            before,
            fingerprint(privet.data()),
            "with key {what} something was touched"
        );
        if content.is_none() {
            // Later writes must not meet an open mode: the file is made anew as the program left it.
            write_private(&key, &own);
        }
    }
    write_private(&key, &own);
    assert_eq!(
        privet.find("Quarrington").len(),
        1,
        "with its own key everything is there"
    );
    privet.verifies();
}

/// Writes a key file that only its owner may read, as the program demands.
fn write_private(path: &std::path::Path, content: &[u8]) {
    use std::os::unix::fs::PermissionsExt as _;
    fs::write(path, content).expect("the key is put back");
    fs::set_permissions(path, fs::Permissions::from_mode(0o600)).expect("its mode is set");
}

#[test]
fn an_installation_is_never_made_over_another() {
    let privet = Privet::new();
    let before = fingerprint(privet.data());
    let args = ["--workspace", "Other", "--admin", "other@hedge.example"];
    privet.run("init", &args).refused(&["already"]);
    assert_eq!(before, fingerprint(privet.data()), "something was touched");
}
