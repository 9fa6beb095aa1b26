//! Parses numbers.

use super::tape::Span;
use super::{LargeIntegers, ParseError};

/// A parsed number.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Number {
    Integer(i64),
    Double(f64),
    /// An integer that is kept as text.
    Digits(Span),
}

/// The powers of ten that a double represents exactly.
const POWERS_OF_TEN: [f64; 23] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16,
    1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
];

/// The number of digits that always fit into 64 bits.
const SAFE_DIGITS: usize = 18;

/// Doubles represent all integers up to this one exactly.
const EXACT: u64 = 1 << 53;

/// A sequence of digits, appended to the value before it.
struct Digits {
    value: u64,
    end: usize,
}

fn digits(bytes: &[u8], start: usize, mut value: u64) -> Digits {
    let mut end = start;
    while let Some(digit) = bytes
        .get(end)
        .map(|byte| byte.wrapping_sub(b'0'))
        .filter(|d| *d < 10)
    {
        // Wraps only with more than `SAFE_DIGITS` digits, and then the value is not used.
        value = value.wrapping_mul(10).wrapping_add(u64::from(digit));
        end += 1;
    }
    Digits { value, end }
}

/// Parses the number that starts at `start`, and returns where it ends.
#[inline]
pub(super) fn read(
    source: &str,
    start: usize,
    large: LargeIntegers,
) -> Result<(Number, usize), Box<ParseError>> {
    let (number, end) = value(source, start)?;
    if large == LargeIntegers::Nearest {
        return Ok((number, end));
    }
    let is_large = match number {
        Number::Integer(value) => value.unsigned_abs() > EXACT,
        // An integer that does not fit into 64 bits.
        _ => source[start..end]
            .bytes()
            .all(|byte| byte.is_ascii_digit() || byte == b'-'),
    };
    let number = if is_large {
        Number::Digits(Span::between(start, end))
    } else {
        number
    };
    Ok((number, end))
}

fn value(source: &str, start: usize) -> Result<(Number, usize), Box<ParseError>> {
    let bytes = source.as_bytes();
    let negative = bytes[start] == b'-';
    let first = start + usize::from(negative);
    if let Some((value, end)) = word(bytes, first) {
        return Ok((Number::Double(if negative { -value } else { value }), end));
    }
    let whole = digits(bytes, first, 0);
    if whole.end == first {
        let message = match negative {
            true => "a number needs a digit after its sign",
            false => "a value was expected",
        };
        return Err(ParseError::boxed(message, first));
    }
    if bytes[first] == b'0' && whole.end > first + 1 {
        return Err(ParseError::boxed(
            "a number must not begin with a zero",
            first,
        ));
    }
    match bytes.get(whole.end) {
        Some(b'.' | b'e' | b'E') => fraction(source, start, first, whole),
        _ if whole.end - first <= SAFE_DIGITS => {
            let value = whole.value as i64;
            Ok((
                Number::Integer(if negative { -value } else { value }),
                whole.end,
            ))
        }
        _ => {
            let text = &source[start..whole.end];
            let number = text
                .parse()
                .map_or_else(|_| Number::Double(nearest(text)), Number::Integer);
            Ok((number, whole.end))
        }
    }
}

/// Parses the rest of a number that has a fraction or an exponent.
fn fraction(
    source: &str,
    start: usize,
    first: usize,
    whole: Digits,
) -> Result<(Number, usize), Box<ParseError>> {
    let bytes = source.as_bytes();
    let mut count = whole.end - first;
    let mut mantissa = whole.value;
    let mut end = whole.end;
    let mut scale = 0;
    if bytes[end] == b'.' {
        let decimals = digits(bytes, end + 1, mantissa);
        scale = decimals.end - (end + 1);
        if scale == 0 {
            return Err(ParseError::boxed(
                "a number needs a digit after its point",
                end + 1,
            ));
        }
        count += scale;
        mantissa = decimals.value;
        end = decimals.end;
    }
    let plain = end;
    if matches!(bytes.get(end), Some(b'e' | b'E')) {
        let sign = usize::from(matches!(bytes.get(end + 1), Some(b'+' | b'-')));
        let exponent = digits(bytes, end + 1 + sign, 0);
        if exponent.end == end + 1 + sign {
            return Err(ParseError::boxed(
                "a number needs a digit in its exponent",
                exponent.end,
            ));
        }
        end = exponent.end;
    }
    // Both operands are exact, so the division rounds correctly.
    let exact = end == plain && count <= SAFE_DIGITS && mantissa <= EXACT;
    if exact && scale < POWERS_OF_TEN.len() {
        let value = mantissa as f64 / POWERS_OF_TEN[scale];
        let value = if bytes[start] == b'-' { -value } else { value };
        return Ok((Number::Double(value), end));
    }
    Ok((Number::Double(nearest(&source[start..end])), end))
}

/// The double nearest to a valid number.
fn nearest(text: &str) -> f64 {
    text.parse().unwrap_or(f64::NAN)
}

/// Numbers that JSON lacks, as JavaScript and Python write them.
fn word(bytes: &[u8], start: usize) -> Option<(f64, usize)> {
    let (word, value): (&[u8], f64) = match bytes.get(start)? {
        b'N' => (b"NaN", f64::NAN),
        b'I' => (b"Infinity", f64::INFINITY),
        _ => return None,
    };
    bytes[start..]
        .starts_with(word)
        .then_some((value, start + word.len()))
}
