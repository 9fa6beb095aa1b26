//! PNG images of a single colour (<https://www.w3.org/TR/png-3/>).

/// The maximum match length of DEFLATE (RFC 1951, section 3.2.5).
const MAX_MATCH_LENGTH: usize = 258;

/// A PNG image. All pixels have the only colour of the palette, so the data consists of zeros and
/// compresses well at any size.
pub(crate) fn png(width: u32, height: u32, colour: [u8; 3]) -> Vec<u8> {
    let mut header = Vec::new();
    header.extend(width.to_be_bytes());
    header.extend(height.to_be_bytes());
    // One bit per pixel, palette colours, and the standard compression, filter and interlace
    // methods.
    header.extend([1, 3, 0, 0, 0]);
    // Each row starts with its filter type, 0.
    let row = 1 + (width as usize).div_ceil(8);

    let mut picture = b"\x89PNG\r\n\x1a\n".to_vec();
    append_chunk(&mut picture, b"IHDR", &header);
    append_chunk(&mut picture, b"PLTE", &colour);
    append_chunk(&mut picture, b"IDAT", &zlib_of_zeros(row * height as usize));
    append_chunk(&mut picture, b"IEND", &[]);
    picture
}

fn append_chunk(picture: &mut Vec<u8>, kind: &[u8; 4], data: &[u8]) {
    // Images of this server are much smaller than 4 GiB.
    picture.extend((data.len() as u32).to_be_bytes());
    let start = picture.len();
    picture.extend(kind);
    picture.extend(data);
    let checksum = crc(&picture[start..]);
    picture.extend(checksum.to_be_bytes());
}

/// The CRC-32 of PNG.
fn crc(bytes: &[u8]) -> u32 {
    let with_byte = |crc: u32, byte: &u8| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| {
            (crc >> 1) ^ if crc & 1 == 1 { 0xedb8_8320 } else { 0 }
        })
    };
    !bytes.iter().fold(u32::MAX, with_byte)
}

/// This number of zeros (at least one) in the zlib format (RFC 1950).
fn zlib_of_zeros(count: usize) -> Vec<u8> {
    let mut bits = Bits::default();
    // The last block, with fixed Huffman codes.
    bits.push(0b1, 1);
    bits.push(0b01, 2);
    let matches = (count - 1) / MAX_MATCH_LENGTH;
    // The literal 0, then matches of length 258 at distance 1, then the rest.
    bits.push_code(0b0011_0000, 8);
    for _ in 0..matches {
        bits.push_code(0b1100_0101, 8);
        bits.push_code(0, 5);
    }
    for _ in 0..count - 1 - matches * MAX_MATCH_LENGTH {
        bits.push_code(0b0011_0000, 8);
    }
    bits.push_code(0, 7);

    let mut stream = vec![0x78, 0x01];
    stream.extend(bits.bytes);
    // The Adler-32 checksum; zeros leave its first sum at 1.
    let second_sum = (count % 65_521) as u32;
    stream.extend((second_sum << 16 | 1).to_be_bytes());
    stream
}

/// Bits, packed from the least significant bit of each byte.
#[derive(Default)]
struct Bits {
    bytes: Vec<u8>,
    count: usize,
}

impl Bits {
    /// Appends a number, least significant bit first.
    fn push(&mut self, number: u16, length: usize) {
        for shift in 0..length {
            if self.count % 8 == 0 {
                self.bytes.push(0);
            }
            let bit = (number >> shift & 1) as u8;
            if let Some(last) = self.bytes.last_mut() {
                *last |= bit << (self.count % 8);
            }
            self.count += 1;
        }
    }

    /// Appends a Huffman code, most significant bit first.
    fn push_code(&mut self, code: u16, length: usize) {
        for shift in (0..length).rev() {
            self.push(code >> shift & 1, 1);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_of_eight_pixels_has_these_bytes() {
        // Two zeros: the filter type and eight pixels.
        assert_eq!(zlib_of_zeros(2), [0x78, 1, 0x63, 0x60, 0, 0, 0, 2, 0, 1]);
        let picture = png(8, 1, [255, 0, 0]);
        assert!(picture.starts_with(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x08\0\0\0\x01"));
        assert!(picture.ends_with(b"\0\0\0\0IEND\xae\x42\x60\x82"));
    }

    #[test]
    fn a_large_picture_is_small() {
        assert!(png(1024, 1024, [1, 2, 3]).len() < 2000);
    }
}
