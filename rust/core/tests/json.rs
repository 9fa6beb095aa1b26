//! Tests of the JSON parser's rules.

use openaistream_core::json::{Document, Node, Numbers, ParseError};

fn parse(text: &str) -> Document {
    Document::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"))
}

fn refusal(text: &str) -> ParseError {
    match Document::parse(text) {
        Ok(document) => panic!("{text:?} was accepted as {:?}", document.root()),
        Err(error) => error,
    }
}

fn string(text: &str) -> String {
    parse(text)
        .root()
        .as_str()
        .unwrap_or_else(|| panic!("{text} is no string"))
        .to_owned()
}

fn double(text: &str) -> f64 {
    match parse(text).root() {
        Node::Double(value) => value,
        other => panic!("{text} is {other:?}"),
    }
}

fn integer(text: &str) -> i64 {
    match parse(text).root() {
        Node::Integer(value) => value,
        other => panic!("{text} is {other:?}"),
    }
}

#[test]
fn integers_are_exact_up_to_64_bits() {
    assert_eq!(integer("0"), 0);
    assert_eq!(integer("-0"), 0);
    assert_eq!(integer("9007199254740993"), 9_007_199_254_740_993);
    assert_eq!(integer("9223372036854775807"), i64::MAX);
    assert_eq!(integer("-9223372036854775808"), i64::MIN);
    assert_eq!(double("9223372036854775808"), 9_223_372_036_854_775_808.0);
    assert_eq!(
        double("123456789012345678901234567890"),
        123_456_789_012_345_680_000_000_000_000.0
    );
}

#[test]
fn doubles_round_correctly_and_overflow_to_infinity() {
    for text in [
        "0.1",
        "-0.006929283495992422",
        "5e-324",
        "1.7976931348623157e308",
        "9007199254740993.0",
        "123456789012345.6789",
        "0.30000000000000004",
        "1e23",
        "8.41e21",
        "0.000000000000000000000001",
    ] {
        assert_eq!(
            double(text),
            text.parse::<f64>().expect("a number"),
            "{text}"
        );
    }
    assert_eq!(double("1e400"), f64::INFINITY);
    assert_eq!(double("-1e400"), f64::NEG_INFINITY);
    assert_eq!(double("1e-400"), 0.0);
    assert!(double("-0.0").is_sign_negative());
}

#[test]
fn numbers_without_digits_are_accepted() {
    assert!(double("NaN").is_nan());
    assert_eq!(double("Infinity"), f64::INFINITY);
    assert_eq!(double("-Infinity"), f64::NEG_INFINITY);
    let document = parse("[1.5, NaN, -Infinity]");
    let Some(Numbers::Doubles(values)) = document.root().as_array().and_then(|a| a.numbers())
    else {
        panic!("no array of doubles");
    };
    assert_eq!((values[0], values[2]), (1.5, f64::NEG_INFINITY));
    assert!(values[1].is_nan());
    refusal("Nan");
    refusal("Inf");
}

#[test]
fn escapes_are_decoded() {
    assert_eq!(string(r#""a\"\\\/\b\f\n\r\tz""#), "a\"\\/\u{8}\u{c}\n\r\tz");
    assert_eq!(string(r#""\u00e9\u4e2d\ud83d\ude00""#), "é中😀");
    assert_eq!(
        string("\"plain é中😀, longer than a word of eight bytes\"").len(),
        50
    );
}

#[test]
fn characters_that_r_cannot_store_are_replaced() {
    assert_eq!(string(r#""a\u0000b""#), "a\u{fffd}b");
    assert_eq!(string(r#""\ud83d""#), "\u{fffd}");
    assert_eq!(string(r#""\ude00x""#), "\u{fffd}x");
    assert_eq!(string(r#""\ud83d\ud83d\ude00""#), "\u{fffd}😀");
    assert_eq!(string(r#""\ud83d\n""#), "\u{fffd}\n");
    let document = Document::parse(&b"[\"\xff\xe9\"]"[..]).expect("an array");
    assert_eq!(document.source(), "[\"\u{fffd}\u{fffd}\"]");
}

#[test]
fn control_characters_are_found_anywhere_in_a_string() {
    for before in 0..20 {
        for control in ["\0", "\n", "\u{1f}"] {
            let text = format!("\"{}{control}{}\"", "x".repeat(before), "y".repeat(9));
            assert_eq!(refusal(&text).offset, before + 1, "{text:?}");
        }
        let text = format!("{}\u{7f}é{}", "x".repeat(before), "y".repeat(9));
        assert_eq!(string(&format!("\"{text}\"")), text);
    }
}

#[test]
fn the_last_of_repeated_keys_wins() {
    let document = parse(r#"{"a": 1, "b": [2], "a": {"c": 3}}"#);
    let object = document.root().as_object().expect("an object");
    assert_eq!(
        object.iter().map(|(key, _)| key).collect::<Vec<_>>(),
        ["b", "a"]
    );
    let last = document.root().get("a").and_then(|node| node.get("c"));
    assert_eq!(last.and_then(Node::as_i64), Some(3));
    assert!(document.root().get("c").is_none());
}

#[test]
fn records_keep_their_keys() {
    let records = [
        vec!["id", "name"],
        vec!["id", "name"],
        vec!["id", "name", "more"],
        vec!["id"],
        vec![],
        vec!["id", "na"],
        vec!["id", "named"],
        vec!["name", "id", "id"],
        vec!["name", "id", "id"],
        vec![r"i\u0064", r#"n\""#, "n"],
        vec!["id", "n"],
    ];
    let record = |keys: &Vec<&str>| {
        let members = keys.iter().enumerate();
        let members = members.map(|(place, key)| format!("\"{key}\": {{\"{key}\": {place}}}"));
        format!("{{{}}}", members.collect::<Vec<_>>().join(", "))
    };
    let text = records.iter().map(record).collect::<Vec<_>>().join(",");
    let document = parse(&format!("[{text}]"));
    let array = document.root().as_array().expect("an array");
    assert_eq!(array.len(), records.len());
    for (node, keys) in array.iter().zip(&records) {
        let object = node.as_object().expect("an object");
        let is_repeated_later = |place: usize, key: &str| keys[place + 1..].contains(&key);
        let last = keys.iter().enumerate();
        let last: Vec<_> = last
            .filter(|(place, key)| !is_repeated_later(*place, key))
            .collect();
        assert_eq!(object.len(), last.len());
        for ((place, key), (name, value)) in last.into_iter().zip(object) {
            assert_eq!(name, string(&format!("\"{key}\"")));
            assert_eq!(value.get(name).and_then(Node::as_i64), Some(place as i64));
        }
    }
}

#[test]
fn arrays_of_numbers_are_compact_only_if_they_are_of_one_kind() {
    let document =
        parse("[[1, -2], [1.5, 2e0], [1, 2.5, 3], [1, null], [2.5, \"x\"], [1, 2, [3]]]");
    let arrays: Vec<_> = document
        .root()
        .as_array()
        .expect("an array")
        .iter()
        .collect();
    let kind = |index: usize| arrays[index].as_array().expect("an array").numbers();
    assert!(matches!(kind(0), Some(Numbers::Integers([1, -2]))));
    assert!(matches!(kind(1), Some(Numbers::Doubles(_))));
    assert!((2..6).all(|index| kind(index).is_none()));
    assert_eq!(
        arrays
            .iter()
            .map(|node| node.as_array().map_or(0, |array| array.len()))
            .sum::<usize>(),
        14
    );
    let mixed: Vec<_> = arrays[2].as_array().expect("an array").iter().collect();
    assert!(matches!(
        mixed[..],
        [Node::Integer(1), Node::Double(_), Node::Integer(3)]
    ));
}

#[test]
fn nesting_has_a_limit() {
    let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    parse(&nested(128));
    assert_eq!(refusal(&nested(129)).offset, 128);
    refusal(&"[".repeat(1_000_000));
    refusal(&"{\"a\":".repeat(1_000_000));
}

#[test]
fn a_byte_order_mark_and_white_space_are_skipped() {
    assert_eq!(integer("\u{feff} \t\r\n1 \n"), 1);
    refusal("\u{feff}\u{feff}1");
    refusal("\u{c}1");
    refusal("\u{a0}1");
}

#[test]
fn errors_have_the_right_position() {
    for (text, offset) in [
        ("", 0),
        ("  ", 2),
        ("[1,]", 3),
        ("[1 2]", 3),
        ("[,1]", 1),
        ("[1", 2),
        ("{\"a\"}", 4),
        ("{\"a\":}", 5),
        ("{\"a\":1,}", 7),
        ("{a:1}", 1),
        ("{1:1}", 1),
        ("{\"a\":1", 6),
        ("1 x", 2),
        ("[1] [2]", 4),
        ("tru", 0),
        ("nul", 0),
        ("01", 0),
        ("-", 1),
        ("+1", 0),
        ("1.", 2),
        (".5", 0),
        ("1e", 2),
        ("1e+", 3),
        ("0x1", 1),
        ("\"a", 2),
        ("\"a\\", 3),
        (r#""\x""#, 1),
        (r#""\u12""#, 1),
        (r#""\u+123""#, 1),
        ("'a'", 0),
        ("// c\n1", 0),
        ("[1, Nope]", 4),
        ("\0", 0),
    ] {
        assert_eq!(refusal(text).offset, offset, "{text:?}: {}", refusal(text));
    }
}

#[test]
fn an_error_says_what_and_where() {
    assert_eq!(
        refusal("[1 2]").to_string(),
        "invalid JSON at byte 3: ',' or ']' was expected"
    );
}
