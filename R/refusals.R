# Interprets a server's rejection of a request: whether it rejects a field by
# its name, or only complains about its value.

# Whether an error (a condition or its record) may say how the server wants
# requests.
is_refusal <- function(told) {
  isTRUE(told$status %in% c(400L, 422L, 500L))
}

# Whether an error (`told` has its message, param and code) says that the server
# does not know or support a field. If the value of a known field exceeds a
# limit, it does not: omitting the field would not be what was requested.
refuses_field <- function(told, field) {
  sentences <- sentences_of(told$message)
  names_it <- names_field(sentences, field)
  if (identical(told$param, field)) {
    names_it <- names_it | !any(names_it)
  }
  any(names_it & (is_unknown(sentences) |
    is_unsupported(sentences) & !is_of_a_value(sentences)))
}

# The sentences of a message, without the alternatives they offer: names that
# are expected are not rejected.
sentences_of <- function(message) {
  sentences <- unlist(strsplit(
    paste(message, collapse = " "), "(?<=[.;!?])\\s+|\\n|\\},\\s*(?=\\{)",
    perl = TRUE
  ))
  offers <- paste(
    "did you mean.*", "expected (one of|any of|`).*",
    "(?<!not )allowed (are|fields).*",
    "valid (fields|options|parameters) are.*", "must be one of.*",
    "\\buse\\b.*\\binstead\\b.*",
    sep = "|"
  )
  sub(offers, "", sentences, ignore.case = TRUE, perl = TRUE)
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
is_unknown <- function(text) {
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
is_unsupported <- function(text) {
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
is_of_a_value <- function(text) {
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
refuses_developer <- function(told) {
  message <- paste(told$message, collapse = " ")
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
refuses_schema <- function(told) {
  message <- paste(told$message, collapse = " ")
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
refuses_system <- function(told) {
  grepl(
    paste(
      "\\bsystem (role|messages?)( is| are)? (not |un)(supported|allowed)",
      "\\bnot support (the |any )?system (role|messages?|prompts?)",
      "role['\"`]? does not support ['\"`](system|developer)\\b",
      "\\b(system|developer) instructions? (is|are) not (enabled|supported)",
      sep = "|"
    ),
    paste(told$message, collapse = " "),
    ignore.case = TRUE
  )
}

# Whether an error says that the user and the assistant must take turns, after
# one system message.
wants_turns <- function(told) {
  grepl(
    paste0(
      "\\broles must alternate|",
      "\\bsystem message must be (at the beginning|first)"
    ),
    paste(told$message, collapse = " "),
    ignore.case = TRUE
  )
}
