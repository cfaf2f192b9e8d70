//! The instruments find what they look for. One that finds nothing would let every journey pass.

use std::fs;

use journeys::{Contact, Traces};

fn somebody() -> Contact {
    Contact {
        given: "Rose".into(),
        family: "Quarrington".into(),
        street: "6649 N Blue Gum St".into(),
        phones: ["504-621-8927".into(), "504-845-1427".into()],
        mail: "rose.quarrington@q.example".into(),
    }
}

#[test]
fn a_trace_is_found_in_any_spelling_and_place() {
    let traces = Traces::of(&[somebody()]);
    let wide: Vec<u8> = "Quarrington"
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    for planted in [
        b"\x00\x01\xffquarrington\x00".to_vec(),
        b"QUARRINGTON".to_vec(),
        b"{\"mail\":\"Rose.Quarrington@q.example\"}".to_vec(),
        b"+15046218927".to_vec(),
        b"(504) 845-1427".to_vec(),
        b"504.621.8927".to_vec(),
        b"6649 n blue gum st".to_vec(),
        b"726f73652e7175617272696e67746f6e40712e6578616d706c65".to_vec(),
        wide,
    ] {
        let dir = tempfile::tempdir().expect("a directory");
        fs::create_dir(dir.path().join("deep")).expect("a directory");
        let mut bytes = vec![0xfe; 4096];
        bytes.extend_from_slice(&planted);
        fs::write(dir.path().join("deep/file"), bytes).expect("a file");
        assert!(
            traces.count_in(dir.path()) > 0,
            "not found: {}",
            String::from_utf8_lossy(&planted)
        );
    }
    let dir = tempfile::tempdir().expect("a directory");
    fs::write(dir.path().join("Quarrington.vcf"), b"empty").expect("a file");
    assert!(traces.count_in(dir.path()) > 0, "a file's name counts too");
}

#[test]
#[should_panic(expected = "in clear in")]
fn one_long_trace_is_enough_to_fail() {
    Traces::of(&[somebody()]).none_in_text("a log", "quarrington was here");
}

#[test]
#[should_panic(expected = "chance explains")]
fn a_short_name_that_repeats_is_no_chance() {
    Traces::of(&[somebody()]).none_in_text("a log", &"Rose ".repeat(20));
}

#[test]
fn noise_and_a_single_coincidence_pass() {
    let mut state = 1_u64;
    let noise: String = (0..200_000)
        .map(|_| {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            char::from(u8::try_from(state >> 58).expect("below 64") + 32)
        })
        .collect();
    Traces::of(&[somebody()]).none_in_text("noise", &format!("{noise}Rose"));
}
