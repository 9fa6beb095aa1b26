# Interprets a server's rejection of a request: whether it rejects a field by
# its name, or only complains about its value.

# Whether an error (a condition or its record) may say how the server wants
# requests.
is_rejection <- function(error) {
  isTRUE(error$status %in% c(400L, 422L, 500L))
}

# Whether an error, with its message, param and code, says that the server does
# not know or support a field. If the value of a known field exceeds a
# limit, it does not: omitting the field would not be what was requested.
rejects_field <- function(error, field) {
  sentences <- split_sentences(error$message)
  is_named <- names_field(sentences, field)
  if (identical(error$param, field)) {
    is_named <- is_named | !any(is_named)
  }
  any(is_named & (is_about_unknown_name(sentences) |
    is_about_support(sentences) & !is_about_value(sentences)))
}

# The sentences of a message, without the alternatives they offer: names that
# are expected are not rejected.
split_sentences <- function(message) {
  sentences <- unlist(strsplit(
    paste(message, collapse = " "), "(?<=[.;!?])\\s+|\\n|\\},\\s*(?=\\{)",
    perl = TRUE
  ))
  alternatives <- paste(
    "did you mean.*", "expected (one of|any of|`).*",
    "(?<!not )allowed (are|fields).*",
    "valid (fields|options|parameters) are.*", "must be one of.*",
    "\\buse\\b.*\\binstead\\b.*",
    sep = "|"
  )
  sub(alternatives, "", sentences, ignore.case = TRUE, perl = TRUE)
}

# Whether a text names a field. Names that are also English words must appear
# like names: in quotes, in a path, or after what they are.
names_field <- function(text, field) {
  if (grepl("_", field, fixed = TRUE)) {
    return(grepl(paste0("\\b", field, "\\b"), text))
  }
  grepl(
    paste0(
      "[\"'`.\\[]", field, "\\b|",
      "\\b(parameter|argument|property|field|input|name|key)s?:? ", field,
      "\\b|",
      "^", field, "\\b|\\b", field, " (is not|must|is un)"
    ),
    text,
    ignore.case = TRUE, perl = TRUE
  )
}

# Phrases about an unknown name, which may contain a value.
is_about_unknown_name <- function(text) {
  grepl(
    paste(
      "extra (inputs|fields|keys)", "extra_forbidden", "extraneous key",
      "(unknown|unrecogni[sz]ed|unexpected|no such) (?!value|type)",
      "unsupported (parameter|field|argument|option|property)",
      "additional propert", "cannot find field",
      "property ['\"`]?\\w+['\"`]? is unsupported",
      sep = "|"
    ),
    text,
    ignore.case = TRUE, perl = TRUE
  )
}

# Phrases about a name or a value.
is_about_support <- function(text) {
  grepl(
    paste0(
      "\\bunsupported|\\bun(known|recogni[sz]ed)|",
      "\\b(not|n't|un)[ -]?(currently |yet )?",
      "(supported|support|permitted|allowed|available|accepted|implemented)"
    ),
    text,
    ignore.case = TRUE
  )
}

# Phrases about a value: its size, its type, and its alternatives.
is_about_value <- function(text) {
  grepl(
    paste0(
      "\\b(value|minimum|maximum|at (least|most)|below|above|exceeds?|",
      "(great|low|high|larg|small|long|short)er|less|equal|range|between|",
      "too (large|small|long|many|high|low)|only|same time|both|together|",
      "integer|number|context)\\b|[<>]=?\\s*[0-9]"
    ),
    text,
    ignore.case = TRUE
  )
}

# Whether an error says that the role `developer` is unknown.
rejects_developer_role <- function(error) {
  message <- paste(error$message, collapse = " ")
  grepl("developer", message) &&
    grepl("\\brole|\\bnot one of|\\bexpected\\b|\\binput\\b", message) ||
    grepl(
      paste0(
        "\\b(unexpected|unknown|invalid|unsupported|incorrect)( message)? ",
        "role\\b"
      ),
      message,
      ignore.case = TRUE
    ) ||
    grepl("should be ['\"`]system['\"`]", message)
}

# Whether an error says that the server does not support JSON schemas.
rejects_json_schema <- function(error) {
  message <- paste(error$message, collapse = " ")
  grepl("json_schema|response_format|response format", message) &&
    grepl(
      paste0(
        "not (support|available|allowed)|unavailable|unsupported|unknown|",
        "must be|should be|invalid|not permitted|expected"
      ),
      message,
      ignore.case = TRUE
    ) &&
    # An invalid schema does not mean that schemas are unsupported.
    !grepl(
      "invalid schema|schema for response_format", message,
      ignore.case = TRUE
    )
}

# Whether an error says that a model has no system messages.
rejects_system_role <- function(error) {
  grepl(
    paste(
      "\\bsystem (role|messages?)( is| are)? (not |un)(supported|allowed)",
      "\\bnot support (the |any )?system (role|messages?|prompts?)",
      "role['\"`]? does not support ['\"`](system|developer)\\b",
      "\\b(system|developer) instructions? (is|are) not (enabled|supported)",
      sep = "|"
    ),
    paste(error$message, collapse = " "),
    ignore.case = TRUE
  )
}

# Whether an error says that the user and the assistant must take turns, after
# one system message.
requires_alternating_roles <- function(error) {
  grepl(
    paste0(
      "\\broles must alternate|",
      "\\bsystem message must be (at the beginning|first)"
    ),
    paste(error$message, collapse = " "),
    ignore.case = TRUE
  )
}
