//! Text and numbers in JSON.

use std::io::Write as _;

/// Writes a quoted string.
pub(super) fn write_string(text: &str, out: &mut Vec<u8>) {
    out.push(b'"');
    let mut rest = text.as_bytes();
    while let Some(index) = rest
        .iter()
        .position(|byte| matches!(byte, b'"' | b'\\' | 0..0x20))
    {
        out.extend_from_slice(&rest[..index]);
        write_escape(rest[index], out);
        rest = &rest[index + 1..];
    }
    out.extend_from_slice(rest);
    out.push(b'"');
}

fn write_escape(byte: u8, out: &mut Vec<u8>) {
    let short = match byte {
        b'"' | b'\\' => byte,
        b'\n' => b'n',
        b'\r' => b'r',
        b'\t' => b't',
        8 => b'b',
        12 => b'f',
        _ => {
            write_formatted(format_args!("\\u{byte:04x}"), out);
            return;
        }
    };
    out.extend_from_slice(&[b'\\', short]);
}

/// Writes the shortest text that is read back as the same number, without an exponent unless the
/// number is very large or very small.
pub(super) fn write_double(value: f64, out: &mut Vec<u8>) {
    let size = value.abs();
    if size == 0.0 || (1e-5..1e17).contains(&size) {
        write_formatted(format_args!("{value}"), out);
    } else {
        write_formatted(format_args!("{value:e}"), out);
    }
}

pub(super) fn write_integer(value: i64, out: &mut Vec<u8>) {
    write_formatted(format_args!("{value}"), out);
}

fn write_formatted(text: std::fmt::Arguments<'_>, out: &mut Vec<u8>) {
    // Writing to memory cannot fail.
    let _ = out.write_fmt(text);
}

/// The number of bytes in a base64 line of 72 characters.
const LINE_BYTES: usize = 54;

/// Writes base64 with the line breaks of jsonlite: after each full line.
pub(super) fn write_base64(bytes: &[u8], out: &mut Vec<u8>) {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    out.push(b'"');
    for line in bytes.chunks(LINE_BYTES) {
        for group in line.chunks(3) {
            let byte = |index: usize| u32::from(group.get(index).copied().unwrap_or(0));
            let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
            for digit in 0..4 {
                let index = (bits >> (18 - 6 * digit)) & 63;
                out.push(if digit > group.len() {
                    b'='
                } else {
                    DIGITS[index as usize]
                });
            }
        }
        if line.len() == LINE_BYTES {
            out.extend_from_slice(b"\\n");
        }
    }
    out.push(b'"');
}
