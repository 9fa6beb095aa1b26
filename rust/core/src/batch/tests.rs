//! Tests which requests each batch contains, wherever a job is interrupted.

use std::fs::{self, OpenOptions};
use std::path::PathBuf;

use serde_json::{json, Value};

use super::*;
use crate::error::Error;
use crate::http::request::Request;
use crate::received::Content;

const LIMITS: Limits = Limits {
    requests: 3,
    bytes: 1 << 20,
};

/// A temporary folder, removed when dropped.
struct Scratch(PathBuf);

impl Scratch {
    fn new(name: &str) -> Self {
        let name = format!("openaistream-batch-{name}-{}", std::process::id());
        let path = std::env::temp_dir().join(name);
        let _ = fs::remove_dir_all(&path);
        fs::create_dir(&path).expect("a folder");
        Scratch(path)
    }

    fn journal(&self) -> PathBuf {
        self.0.join("journal.jsonl")
    }

    fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.0.join(name);
        fs::write(&path, text).expect("a file");
        path
    }

    /// Opens a run with these bodies.
    fn open(&self, bodies: &[&str]) -> Result<BatchRun, Error> {
        let segments = ["embeddings".to_owned()];
        let key = "sk-of-mine-that-is-secret".to_owned();
        let template = Request::new("POST", "http://host/v1", &segments, &[], key)?;
        let bodies: Vec<_> = bodies
            .iter()
            .map(|it| Ok((*it).to_owned().into()))
            .collect();
        BatchRun::open(template, &segments, bodies.into_iter(), || {
            let mut options = OpenOptions::new();
            let options = options.read(true).write(true).create(true).truncate(false);
            BatchJournal::open(options.open(self.journal()).expect("a file"))
        })
    }

    fn plan(&self, run: &mut BatchRun, bodies: &[&str], limits: Limits) -> Vec<Planned> {
        let bodies: Vec<_> = bodies
            .iter()
            .map(|it| Ok(((*it).to_owned().into(), 1)))
            .collect();
        run.plan(bodies.into_iter(), |_| false, &self.0, limits)
            .expect("files")
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn lines_of(planned: &Planned) -> Vec<Value> {
    let text = fs::read_to_string(&planned.path).expect("a file");
    let lines = text.lines().map(serde_json::from_str);
    lines.collect::<Result<_, _>>().expect("lines of JSON")
}

fn ids_of(planned: &[Planned]) -> Vec<Vec<Value>> {
    let ids = |planned| {
        let lines = lines_of(planned).into_iter();
        lines.map(|line| line["custom_id"].clone()).collect()
    };
    planned.iter().map(ids).collect()
}

fn answered(index: u64) -> String {
    let body = json!({ "data": [{ "index": 0, "embedding": [index] }] });
    let response = json!({ "status_code": 200, "request_id": "r", "body": body });
    json!({ "custom_id": index.to_string(), "response": response, "error": null }).to_string()
}

/// The result of each request: the first number of the vector, or the kind of the error.
fn results(run: &BatchRun) -> Vec<String> {
    let outcome = |index| match run.result(index).expect("a journal") {
        None => "-".to_owned(),
        Some(Err(error)) => format!("{:?}", error.kind),
        Some(Ok(answer)) => match &answer.content {
            Content::Json(document) => {
                let value: Value = serde_json::from_str(document.source()).expect("JSON");
                value["data"][0]["embedding"][0].to_string()
            }
            _ => "?".to_owned(),
        },
    };
    (0..run.requests()).map(outcome).collect()
}

const BODIES: [&str; 5] = [
    r#"{"a":1}"#,
    r#"{"a":2}"#,
    r#"{"a":1}"#,
    r#"{"a":4}"#,
    r#"{"a":5}"#,
];

#[test]
fn the_lines_are_split_at_both_limits() {
    let scratch = Scratch::new("split");
    let mut run = scratch.open(&BODIES).unwrap();
    let planned = scratch.plan(&mut run, &BODIES, LIMITS);
    assert_eq!(ids_of(&planned), [vec!["1", "2", "3"], vec!["4", "5"]]);
    let line = json!({
        "custom_id": "4", "method": "POST", "url": "/v1/embeddings", "body": { "a": 4 }
    });
    assert_eq!(lines_of(&planned[1])[0], line);
    assert_eq!(planned[1].requests, 2);

    let scratch = Scratch::new("bytes");
    let mut run = scratch.open(&BODIES).unwrap();
    let two_lines = 2
        * r#"{"custom_id":"1","method":"POST","url":"/v1/embeddings","body":{"a":1}}"#.len() as u64
        + 2;
    let limits = Limits {
        requests: 50_000,
        bytes: two_lines,
    };
    let planned = scratch.plan(&mut run, &BODIES, limits);
    let expected = [vec!["1", "2"], vec!["3", "4"], vec!["5"]];
    assert_eq!(ids_of(&planned), expected);
    assert_eq!(fs::metadata(&planned[0].path).unwrap().len(), two_lines);
}

#[test]
fn active_and_answered_requests_are_not_planned_again() {
    let scratch = Scratch::new("again");
    let mut run = scratch.open(&BODIES).unwrap();
    let planned = scratch.plan(&mut run, &BODIES, LIMITS);
    run.note(1, &Note::Batch("batch_1".into())).unwrap();
    run.close();

    // Another call with the same journal ignores these parts.
    let other = scratch.open(&[r#"{"b":1}"#]).unwrap();
    assert_eq!(other.unfinished().count(), 0);
    other.close();

    // A new process, whose call has the second of two equal requests in the middle.
    let mut run = scratch.open(&BODIES).unwrap();
    assert_eq!(scratch.plan(&mut run, &BODIES, LIMITS).len(), 0);
    let parts: Vec<Part> = run.unfinished().cloned().collect();
    assert_eq!(parts[0].batch.as_deref(), Some("batch_1"));
    assert_eq!((parts[1].batch.as_deref(), parts[1].requests()), (None, 2));
    assert!(run.is_wanted(&parts[1]));
    assert_eq!(
        run.name(2),
        planned[1].path.file_stem().unwrap().to_str().unwrap()
    );

    let output = [answered(3), "no line".into(), answered(1), answered(9)].join("\n");
    let output = scratch.write("output", &output);
    run.finish(1, &[output], "expired", None).unwrap();
    run.note(2, &Note::Over("dropped".into())).unwrap();
    assert_eq!(results(&run), ["1", "-", "3", "-", "-"]);
    let planned = scratch.plan(&mut run, &BODIES, LIMITS);
    assert_eq!(ids_of(&planned), [["2", "4", "5"]]);
    assert_eq!(planned[0].part, 3);
    run.close();

    let mut run = scratch.open(&BODIES[1..]).unwrap();
    let part = run.unfinished().next().cloned().unwrap();
    assert!(run.is_wanted(&part));
    let failed = json!({ "custom_id": "4", "response": {
        "status_code": 400, "request_id": "r", "body": { "error": { "message": "no" } }
    } });
    let unusable = answered(5).replace("data", "date");
    let files = [
        scratch.write("output", &(unusable + "\n")),
        scratch.write("errors", &failed.to_string()),
    ];
    run.finish(3, &files, "completed", Some("It was forgotten."))
        .unwrap();
    assert_eq!(results(&run), ["Batch", "1", "Status", "Response"]);
    run.close();

    // Failures are not kept; answers are.
    let run = scratch.open(&BODIES).unwrap();
    assert_eq!(results(&run), ["1", "-", "3", "-", "-"]);
    assert_eq!(run.unfinished().count(), 0);
}

#[test]
fn an_answer_that_repeats_the_key_is_returned_but_not_kept() {
    let scratch = Scratch::new("secret");
    let mut run = scratch.open(&BODIES[..2]).unwrap();
    scratch.plan(&mut run, &BODIES[..2], LIMITS);
    let telling = answered(1).replace("\"index\"", "\"x\":\"sk-of-mine-that-is-secret\",\"index\"");
    let output = scratch.write("output", &[telling, answered(2)].join("\n"));
    run.finish(1, &[output], "completed", Some("no")).unwrap();
    assert_eq!(results(&run), ["1", "2"]);
    let journal = fs::read_to_string(scratch.journal()).unwrap();
    assert!(!journal.contains("sk-of-mine"));
    assert!(journal.contains("\"index\""));
}

#[test]
fn a_journal_truncated_anywhere_can_be_resumed() {
    let scratch = Scratch::new("cut");
    let mut run = scratch.open(&BODIES).unwrap();
    scratch.plan(&mut run, &BODIES, LIMITS);
    run.note(1, &Note::File("file-1".into())).unwrap();
    run.note(1, &Note::Batch("batch_1".into())).unwrap();
    let output = scratch.write(
        "output",
        &[answered(1), answered(2), answered(3)].join("\n"),
    );
    run.finish(1, &[output], "completed", Some("no")).unwrap();
    run.close();
    let whole = fs::read(scratch.journal()).unwrap();
    for cut in (0..whole.len()).step_by(3) {
        fs::write(scratch.journal(), &whole[..cut]).unwrap();
        let mut run = scratch
            .open(&BODIES)
            .unwrap_or_else(|error| panic!("{cut}: {error}"));
        let planned = scratch.plan(&mut run, &BODIES, LIMITS);
        let planned: usize = planned.iter().map(|part| part.requests).sum();
        let answers = results(&run).iter().filter(|it| *it != "-").count();
        let under_way: Vec<_> = run.unfinished().flat_map(|part| &part.lines).collect();
        let under_way = under_way.len();
        assert!(planned <= under_way);
        // Results of an unfinished part may already have arrived.
        assert!(answers + under_way >= BODIES.len(), "{cut}");
        run.close();
    }
}

#[test]
fn a_file_of_another_kind_is_not_changed() {
    let scratch = Scratch::new("other");
    let digest = "0".repeat(64);
    for (content, why) in [
        ("id,name\n1,x\n".to_owned(), "not a journal"),
        ("{\"a\":1}\n".to_owned(), "not a journal"),
        (
            "{\"engine\":\"batch\",\"version\":2,\"job\":\"a\"}\n".to_owned(),
            "not a journal",
        ),
        (
            format!("{{\"request\":\"{digest}\",\"occurrence\":1,\"answer\":2}}\n"),
            "without `engine = \"batch\"`",
        ),
    ] {
        fs::write(scratch.journal(), &content).unwrap();
        let error = scratch.open(&BODIES).err().expect("a refusal");
        assert!(error.message.contains(why), "{}", error.message);
        assert_eq!(fs::read_to_string(scratch.journal()).unwrap(), content);
    }
}

#[test]
fn a_batch_journal_is_not_a_run_journal() {
    let scratch = Scratch::new("run");
    scratch.open(&BODIES).unwrap().close();
    let before = fs::read(scratch.journal()).unwrap();
    let file = OpenOptions::new()
        .read(true)
        .write(true)
        .open(scratch.journal());
    let error = crate::parallel::Journal::open(file.unwrap()).unwrap_err();
    assert!(error.message.contains("`engine = \"batch\"`"));
    assert_eq!(fs::read(scratch.journal()).unwrap(), before);
}
