// Files that the user adds to a question.

const pictureTypes = ["image/png", "image/jpeg", "image/gif", "image/webp"];

// The maximum sizes of a file and of all files of a question, in bytes.
export const limits = { file: 10e6, all: 20e6 };

// The reason why a file cannot be sent, or null.
export function refusalReason(file, others) {
  if (!file.size) return `${file.name} is empty.`;
  if (file.size > limits.file) {
    return `${file.name} has ${megabytes(file.size)}; a file may have ${megabytes(limits.file)}.`;
  }
  const all = others.reduce((sum, each) => sum + each.size, file.size);
  if (all > limits.all) {
    return `${file.name} is left out: all files of a question may have ${megabytes(limits.all)}.`;
  }
  return null;
}

export function isPictureFile(file) {
  return pictureTypes.includes(file.type);
}

export function megabytes(bytes) {
  if (bytes < 100e3) return `${Math.ceil(bytes / 1e3)} kB`;
  return `${(bytes / 1e6).toFixed(1).replace(".0", "")} MB`;
}

// A promise of the file in the form sent to R, with `data` in base64. It is rejected
// if the file no longer exists.
export function readFile(file) {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve({
      name: file.name || "file",
      type: file.type || "application/octet-stream",
      data: reader.result.slice(reader.result.indexOf(",") + 1),
    });
    reader.onerror = () => reject(new Error(`${file.name} cannot be read.`));
    reader.readAsDataURL(file);
  });
}
