//! What is encrypted: a type byte, the length, the value, and zeros up to a bucket, so that the
//! length of a ciphertext tells the bucket and nothing finer.
//!
//! Buckets: steps of 16 bytes up to 64, of 32 up to 256, then Padmé (Nikitin et al., "Reducing
//! Metadata Leakage from Encrypted Files and Communication with PURBs", section 4: at most 12 %).

/// The only type there is: plain bytes. The others are reserved.
const BYTES: u8 = 1;

/// The padded length of `len` bytes.
pub(crate) const fn bucket(len: usize) -> usize {
    match len {
        0 => 16,
        1..=64 => len.next_multiple_of(16),
        65..=256 => len.next_multiple_of(32),
        _ => {
            let exponent = len.ilog2();
            let step = 1 << (exponent - (exponent.ilog2() + 1));
            len.next_multiple_of(step)
        }
    }
}

/// The length of what [`push`] appends for a value.
pub(crate) const fn padded_len(value: usize) -> usize {
    bucket(1 + varint_len(value) + value)
}

/// Appends the padded form of `value`.
pub(crate) fn push(out: &mut Vec<u8>, value: &[u8]) {
    let end = out.len() + padded_len(value.len());
    out.reserve(end - out.len());
    out.push(BYTES);
    let mut rest = value.len();
    while rest >= 0x80 {
        out.push(low_seven(rest) | 0x80);
        rest >>= 7;
    }
    out.push(low_seven(rest));
    out.extend_from_slice(value);
    out.resize(end, 0);
}

/// Where the value stands within its padded form; `None` when this is no padded form.
pub(crate) fn find(padded: &[u8]) -> Option<std::ops::Range<usize>> {
    let (&kind, mut rest) = padded.split_first()?;
    if kind != BYTES {
        return None;
    }
    let (mut len, mut shift) = (0_usize, 0_u32);
    loop {
        let (&byte, after) = rest.split_first()?;
        rest = after;
        if shift > 56 {
            return None;
        }
        len |= usize::from(byte & 0x7F) << shift;
        shift += 7;
        if byte < 0x80 {
            break;
        }
    }
    let start = padded.len() - rest.len();
    let end = start.checked_add(len)?;
    let exact = end <= padded.len()
        && padded_len(len) == padded.len()
        && padded[end..].iter().all(|&byte| byte == 0);
    exact.then_some(start..end)
}

const fn varint_len(value: usize) -> usize {
    let bits = usize::BITS - value.leading_zeros();
    if bits == 0 {
        1
    } else {
        bits.div_ceil(7) as usize
    }
}

#[expect(clippy::cast_possible_truncation, reason = "masked to seven bits")]
const fn low_seven(value: usize) -> u8 {
    (value & 0x7F) as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buckets_are_those_written() {
        for (len, padded) in [
            (2, 16),
            (16, 16),
            (17, 32),
            (64, 64),
            (65, 96),
            (96, 96),
            (256, 256),
            (257, 272),
            (512, 512),
            (513, 544),
            (1000, 1024),
            (5000, 5120),
            (1 << 20, 1 << 20),
        ] {
            assert_eq!(bucket(len), padded, "{len}");
        }
    }

    #[test]
    fn padme_costs_at_most_twelve_percent() {
        for len in 257..200_000 {
            let padded = bucket(len);
            assert!(
                padded >= len && (padded - len) * 100 <= len * 12,
                "{len} -> {padded}"
            );
            assert_eq!(bucket(padded), padded);
        }
    }

    #[test]
    fn what_is_pushed_is_found() {
        let value: Vec<u8> = (0..20_000_u32).map(|i| i.to_le_bytes()[0] | 1).collect();
        for len in (0..700).chain([16_383, 16_384, 20_000]) {
            let mut out = vec![9; 3];
            push(&mut out, &value[..len]);
            let padded = &out[3..];
            assert_eq!(padded.len(), padded_len(len));
            assert_eq!(&padded[find(padded).unwrap()], &value[..len]);
        }
    }

    #[test]
    fn what_is_no_padded_form_is_refused() {
        let mut good = Vec::new();
        push(&mut good, b"Ada");
        for (at, byte) in [(0, 0), (0, 2), (1, 15), (1, 0x83), (1, 2), (15, 1)] {
            let mut bad = good.clone();
            bad[at] = byte;
            assert_eq!(find(&bad), None, "byte {at}");
        }
        assert_eq!(find(&good[..8]), None);
        assert_eq!(find(&[]), None);
        assert_eq!(find(&[1]), None);
        assert_eq!(find(&[[1].as_slice(), &[0xFF; 15]].concat()), None);
        assert_eq!(find(&[0; 16]), None);
    }
}
