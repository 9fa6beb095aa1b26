use base64::engine::general_purpose::STANDARD;
use base64::Engine;

use super::shares::CELLS_OF_ONE_THREAD;
use super::vector::Values;
use super::*;
use crate::error::ErrorKind;

fn read(body: &str, inputs: usize) -> Result<PartAnswer, String> {
    let document = Document::parse(body).map_err(|error| error.to_string())?;
    PartAnswer::read(&document, inputs)
}

fn element(index: usize, embedding: &str) -> String {
    format!(r#"{{"object":"embedding","index":{index},"embedding":{embedding}}}"#)
}

fn answer(elements: &[String]) -> String {
    let data = elements.join(",");
    format!(r#"{{"data":[{data}],"model":"m","usage":{{"total_tokens":2}}}}"#)
}

fn doubles(part: &PartAnswer) -> Vec<f64> {
    match part.values() {
        Values::Floats(values) => values.iter().map(|value| f64::from(*value)).collect(),
        Values::Doubles(values) => values.clone(),
    }
}

fn values(embedding: &str) -> Result<Vec<f64>, String> {
    read(&answer(&[element(0, embedding)]), 1).map(|part| doubles(&part))
}

fn refusal(elements: &[String], inputs: usize) -> String {
    read(&answer(elements), inputs).expect_err("an answer that cannot be used")
}

/// The matrix of the parts, in column-major order.
fn filled(parts: Vec<PartAnswer>) -> Vec<f64> {
    let width = parts[0].width();
    let rows = parts.iter().map(|part| part.values().len() / width).sum();
    let embeddings = Embeddings { parts, rows, width };
    let mut matrix = vec![f64::NAN; rows * width];
    embeddings.fill(&mut matrix, |cell, number| *cell = number);
    matrix
}

#[test]
fn base64_and_arrays_of_any_numbers_are_read() {
    // 1.0 and -2.5 as little-endian f32, with and without padding.
    for text in [
        r#""AACAPwAAIMA=""#,
        r#""AACAPwAAIMA""#,
        "[1.0,-2.5]",
        "[1,-2.5]",
    ] {
        assert_eq!(values(text).unwrap(), [1.0, -2.5], "{text}");
    }
    assert_eq!(values("[1,2]").unwrap(), [1.0, 2.0]);
    // Digits beyond 32-bit precision are kept.
    assert_eq!(values("[0.0023064255]").unwrap(), [0.0023064255]);
}

#[test]
fn nan_keeps_its_payload() {
    // 0x7FC00123 and negative infinity.
    let values = values(r#""IwHAfwAAgP8=""#).unwrap();
    assert_eq!(values[0].to_bits(), 0x7FF8_0024_6000_0000);
    assert_eq!(values[1], f64::NEG_INFINITY);
}

#[test]
fn the_index_determines_the_row() {
    let elements = [
        element(2, "[5,6]"),
        element(0, r#""AACAPwAAAEA=""#),
        element(1, "[3,4]"),
    ];
    let part = read(&answer(&elements), 3).unwrap();
    assert_eq!(doubles(&part), [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]);
    assert_eq!(filled(vec![part]), [1.0, 3.0, 5.0, 2.0, 4.0, 6.0]);
}

#[test]
fn parts_fill_consecutive_rows() {
    let numbered = |first: usize, rows: usize| {
        let elements: Vec<String> = (0..rows)
            .map(|row| element(row, &format!("[{0},{0}.5,-{0}]", first + row)))
            .collect();
        read(&answer(&elements), rows).unwrap()
    };
    let rows = 2 * ROWS_AT_ONCE + 6;
    let matrix = filled(vec![numbered(1, 3), numbered(4, rows - 3)]);
    let expected: Vec<f64> = [(1.0, 0.0), (1.0, 0.5), (-1.0, 0.0)]
        .iter()
        .flat_map(|(times, plus)| (1..=rows).map(move |row| times * row as f64 + plus))
        .collect();
    assert_eq!(matrix, expected);
}

#[test]
fn threads_fill_a_large_matrix_together() {
    let (rows, width) = (ROWS_AT_ONCE + 1, CELLS_OF_ONE_THREAD / ROWS_AT_ONCE);
    let elements: Vec<String> = (0..rows)
        .map(|row| {
            let numbers: Vec<String> = (0..width)
                .map(|column| (row * width + column).to_string())
                .collect();
            element(row, &format!("[{}]", numbers.join(",")))
        })
        .collect();
    let matrix = filled(vec![read(&answer(&elements), rows).unwrap()]);
    assert!(matrix.len() > CELLS_OF_ONE_THREAD);
    let expected =
        (0..width).flat_map(|column| (0..rows).map(move |row| (row * width + column) as f64));
    assert!(matrix.into_iter().eq(expected));
}

#[test]
fn threads_report_the_first_invalid_base64() {
    let rows = 8;
    let bytes_of = |row: usize| (row as f32 + 0.5).to_le_bytes();
    let elements_with = |broken: &[usize]| -> Vec<String> {
        (0..rows)
            .map(|row| {
                let mut text = STANDARD.encode(bytes_of(row).repeat(CELLS_OF_ONE_THREAD / 4));
                if broken.contains(&row) {
                    text.replace_range(9..10, "?");
                }
                element(row, &format!("\"{text}\""))
            })
            .collect()
    };
    let part = read(&answer(&elements_with(&[])), rows).unwrap();
    let Values::Floats(values) = part.values() else {
        panic!("32-bit floats stay so");
    };
    let second: Vec<f32> = values.chunks(part.width()).map(|row| row[1]).collect();
    assert_eq!(second, [0.5, 1.5, 2.5, 3.5, 4.5, 5.5, 6.5, 7.5]);
    let refusal = refusal(&elements_with(&[3, 7]), rows);
    assert!(
        refusal.contains("the embedding with index 3 is not valid base64"),
        "{refusal}"
    );
}

#[test]
fn usage_is_summed_over_parts() {
    let part = || read(&answer(&[element(0, "[1]")]), 1).unwrap();
    let embeddings = Embeddings {
        parts: vec![part(), part()],
        rows: 2,
        width: 1,
    };
    assert_eq!(
        embeddings.usage().unwrap().source(),
        r#"{"total_tokens":4}"#
    );
    assert_eq!(embeddings.model(), Some("m"));
}

#[test]
fn answers_without_one_vector_per_input_are_rejected() {
    let first = || element(0, "[1,2]");
    let cases = [
        (
            vec![first()],
            2,
            "`data` has 1 embeddings for 2 inputs, but none with index 1",
        ),
        (vec![first(), first()], 2, "`data` has the index 0 twice"),
        (
            vec![first(), element(2, "[1,2]")],
            2,
            "`data[1]` has the index 2, but there are 2 inputs",
        ),
        (
            vec![first(), r#"{"embedding":[1,2]}"#.into()],
            2,
            "`data[1]` has no `index`",
        ),
        (
            vec![r#"{"index":0}"#.into()],
            1,
            "`data[0]` has no `embedding`",
        ),
        (
            vec![first(), element(1, "[1]")],
            2,
            "index 1 has 1 numbers, but the one with index 0 has 2",
        ),
        (
            vec![element(0, "[1,null]")],
            1,
            "the embedding with index 0[1] is not a number",
        ),
        (
            vec![element(0, "{}")],
            1,
            "is neither an array of numbers nor base64",
        ),
        (vec![element(0, "[]")], 1, "its embeddings are empty"),
        (
            vec![element(0, r#""AACAPwA=""#)],
            1,
            "has 5 bytes, which is not a whole number",
        ),
        (
            vec![element(0, r#""AAC?PwA=""#)],
            1,
            "the embedding with index 0 is not valid base64",
        ),
    ];
    for (elements, inputs, expected) in cases {
        let refusal = refusal(&elements, inputs);
        assert!(
            refusal.contains(expected),
            "{refusal:?} has no {expected:?}"
        );
    }
    assert_eq!(read("{}", 1).unwrap_err(), "it has no array `data`");
}

#[test]
fn errors_that_reject_base64_are_recognised() {
    let refused = |status: u16, message: &str, param: Option<&str>| {
        let mut error = Error::response(message);
        error.status = Some(status);
        error.param = param.map(str::to_owned);
        refuses_base64(&error)
    };
    assert!(refused(400, "Unknown field: encoding_format", None));
    assert!(refused(422, "Unprocessable", Some("encoding_format")));
    assert!(refused(400, "base64 is not supported", None));
    assert!(!refused(500, "base64 is not supported", None));
    assert!(!refused(400, "input[3] is too long", Some("input")));
}

#[test]
fn a_request_is_split_while_it_has_several_inputs() {
    let body = r#"{"model":"m","input":["a","\"b\"",[1,2]],"dimensions":3}"#.into();
    let halves = halves(&body).expect("it has several inputs");
    let texts = halves.map(|half| (String::from_utf8(half.body.to_vec()).unwrap(), half.inputs));
    assert_eq!(
        texts,
        [
            (
                r#"{"model":"m","input":["a"],"dimensions":3}"#.to_owned(),
                1
            ),
            (
                r#"{"model":"m","input":["\"b\"",[1,2]],"dimensions":3}"#.to_owned(),
                2
            ),
        ]
    );
    for input in [r#"["a"]"#, r#""a""#, "[1,2]", "[[1,2]]"] {
        let body = format!(r#"{{"input":{input}}}"#).into();
        assert!(super::halves(&body).is_none(), "{input}");
    }
}

#[test]
fn errors_about_the_size_are_recognised() {
    let error = |status: u16, message: &str, code: Option<&str>| Error {
        status: Some(status),
        code: code.map(str::to_owned),
        ..Error::new(ErrorKind::Status, message)
    };
    assert!(is_too_large(&error(413, "", None)));
    assert!(is_too_large(&error(
        400,
        "",
        Some("max_tokens_per_request")
    )));
    assert!(is_too_large(&error(
        422,
        "batch size 64 > maximum allowed batch size 32",
        None
    )));
    assert!(!is_too_large(&error(400, "Invalid model", None)));
    assert!(!is_too_large(&error(500, "tokens per request", None)));
}
