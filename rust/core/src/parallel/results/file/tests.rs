use super::*;

/// A temporary folder, removed when dropped.
struct Scratch(PathBuf);

impl Scratch {
    fn new(name: &str) -> Self {
        let name = format!("openaistream-results-{name}-{}", std::process::id());
        let folder = std::env::temp_dir().join(name);
        fs::create_dir_all(&folder).expect("a folder");
        Scratch(folder)
    }

    fn path(&self) -> PathBuf {
        self.0.join("results.jsonl")
    }

    fn open_as(&self, header: &str) -> Result<ResultsFile, Error> {
        self.open_again(header, &[])
    }

    fn open_again(&self, header: &str, again: &[u64]) -> Result<ResultsFile, Error> {
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false);
        let file = options.open(self.path()).expect("a file");
        ResultsFile::open(file, &self.path(), header.to_owned(), again)
    }

    fn open(&self) -> ResultsFile {
        self.open_as(HEADER).expect("results")
    }

    fn text(&self) -> String {
        fs::read_to_string(self.path()).expect("a file")
    }

    /// The index of each line, negative for failures.
    fn indexes(&self) -> Vec<i64> {
        let text = self.text();
        let lines = text.split_inclusive('\n').skip(1);
        let heads = lines.map(|line| Head::of(line.as_bytes()).expect("a line"));
        let signed = |head: Head| match head.is_answer {
            true => head.index as i64,
            false => -(head.index as i64),
        };
        heads.map(signed).collect()
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

const HEADER: &str = "{\"openaistream_results\":1,\"path\":\"chat\",\"job\":\"a\"}\n";

fn store(results: &ResultsFile, indexes: &[u64]) {
    for index in indexes {
        results.store(*index, 7, "{}", None).unwrap();
    }
}

fn fail(results: &ResultsFile, indexes: &[u64]) {
    for index in indexes {
        results.store_failure(*index, 7, "{}", None).unwrap();
    }
}

#[test]
fn failures_follow_the_answers_until_the_next_run() {
    let scratch = Scratch::new("failures");
    let results = scratch.open();
    store(&results, &[1]);
    fail(&results, &[4, 2]);
    store(&results, &[3]);
    results.close(false).unwrap();
    assert_eq!(scratch.indexes(), [1, 3, -4, -2]);

    let results = scratch.open();
    assert_eq!(
        results.counts(),
        Counts {
            answered: 2,
            failed: 0
        }
    );
    let has: Vec<bool> = (1..5).map(|index| results.has(index, 7).unwrap()).collect();
    assert_eq!(has, [true, false, true, false]);
    store(&results, &[2]);
    fail(&results, &[4]);
    results.close(false).unwrap();
    assert_eq!(scratch.indexes(), [1, 3, 2, -4]);
    assert_eq!(fs::read_dir(&scratch.0).unwrap().count(), 1);
}

#[test]
fn answers_and_failures_are_sorted_on_request() {
    let scratch = Scratch::new("sorted");
    let results = scratch.open();
    store(&results, &[900, 2, 7, 1, 100_000]);
    fail(&results, &[8, 3]);
    results.close(true).unwrap();
    assert_eq!(scratch.indexes(), [1, 2, 7, 900, 100_000, -3, -8]);
    assert!(scratch.text().starts_with(HEADER));
    let results = scratch.open();
    store(&results, &[8]);
    results.close(true).unwrap();
    assert_eq!(scratch.indexes(), [1, 2, 7, 8, 900, 100_000]);
    assert_eq!(fs::read_dir(&scratch.0).unwrap().count(), 1);
}

#[test]
fn a_file_truncated_anywhere_can_be_resumed() {
    let scratch = Scratch::new("cut");
    let results = scratch.open();
    store(&results, &[2, 1]);
    fail(&results, &[3]);
    results.close(false).unwrap();
    let whole = scratch.text();
    for cut in 0..whole.len() {
        fs::write(scratch.path(), &whole[..cut]).unwrap();
        let results = scratch.open();
        for index in 1..=3 {
            if !results.has(index, 7).unwrap() {
                store(&results, &[index]);
            }
        }
        results.close(true).unwrap();
        assert_eq!(scratch.indexes(), [1, 2, 3], "{cut}");
    }
}

#[test]
fn files_of_other_jobs_are_not_changed() {
    let scratch = Scratch::new("other");
    let answer = Head {
        index: 1,
        digest: 7,
        is_answer: true,
    }
    .line("1", None);
    let other = Head {
        index: 1,
        digest: 8,
        is_answer: true,
    }
    .line("1", None);
    let failure = Head {
        index: 2,
        digest: 7,
        is_answer: false,
    }
    .line("1", None);
    for content in [
        "id,name\n1,x\n".to_owned(),
        "half a line".to_owned(),
        HEADER.replace("\"a\"", "\"b\""),
        format!("{HEADER}{answer}{other}"),
        format!("{HEADER}{failure}{answer}"),
        format!("{HEADER}{{}}\n"),
    ] {
        fs::write(scratch.path(), &content).unwrap();
        let error = scratch.open_as(HEADER).unwrap_err();
        assert!(error.message.contains("was not changed"), "{content}");
        assert_eq!(scratch.text(), content);
    }
}

#[test]
fn a_different_prompt_is_an_error() {
    let scratch = Scratch::new("another");
    let results = scratch.open();
    store(&results, &[1]);
    let error = results.has(1, 8).unwrap_err();
    assert!(error.message.contains("Prompt 1"), "{}", error.message);
    assert_eq!(results.has(2, 8), Ok(false));
}

#[test]
fn write_failures_are_reported() {
    let scratch = Scratch::new("read-only");
    let results = scratch.open();
    results.lock().file = Some(File::open(scratch.path()).unwrap());
    let error = results.store(1, 7, "{}", None).unwrap_err();
    assert_eq!(error.kind, ErrorKind::Journal);
    assert_eq!(results.has(1, 7), Ok(false));
}

#[test]
fn a_repeated_prompt_keeps_its_answer_until_there_is_another() {
    let scratch = Scratch::new("again");
    let results = scratch.open();
    store(&results, &[1, 2, 3]);
    results.close(false).unwrap();

    let results = scratch.open_again(HEADER, &[2, 3, 9]).unwrap();
    assert_eq!(results.counts().answered, 1);
    let has = |index| results.has(index, 7).unwrap();
    assert_eq!([1, 2, 3].map(has), [true, false, false]);
    results.store(2, 7, "[]", None).unwrap();
    fail(&results, &[3]);
    assert!(results.has(2, 7).unwrap());
    let counts = results.counts();
    assert_eq!((counts.answered, counts.failed), (2, 1));
    // As after a kill.
    drop(results);
    assert_eq!(scratch.indexes(), [1, 2, 3, 2]);

    let results = scratch.open();
    assert_eq!(results.counts().answered, 3);
    assert!(results.has_two_of_one());
    results.close(true).unwrap();
    assert_eq!(scratch.indexes(), [1, 2, 3]);
    let text = scratch.text();
    let answers: Vec<&str> = text.lines().skip(1).collect();
    assert!(answers[1].contains("[]"), "{text}");
    assert!(answers[2].contains("{}"), "{text}");
}
