//! Audio as raw samples: 24 kHz, 16 bits, mono, as in OpenAI's `pcm`.

const RATE: u32 = 24_000;
/// The number of bytes per second.
const BYTES_PER_SECOND: u32 = RATE * 2;
/// The size of the WAV header in bytes.
const HEAD: usize = 44;
const LOUDNESS: i32 = 6_000;

/// A tone: `count` samples of a triangle wave with this period, in samples.
pub(crate) fn tone(count: usize, period: usize) -> Vec<u8> {
    let period = period.max(4) as i32;
    let number = |index: usize| {
        let phase = index as i32 % period;
        let height = (phase * 2 - period).abs() * 2 - period;
        // Limited by `LOUDNESS`, so it fits into 16 bits.
        (height * LOUDNESS / period) as i16
    };
    (0..count)
        .flat_map(|index| number(index).to_le_bytes())
        .collect()
}

/// A WAV file with these samples.
pub(crate) fn wav(sound: &[u8]) -> Vec<u8> {
    // Audio of this server is much smaller than 4 GiB.
    let length = sound.len() as u32;
    let mut file = b"RIFF".to_vec();
    file.extend((length + 36).to_le_bytes());
    file.extend(b"WAVEfmt ");
    file.extend(16_u32.to_le_bytes());
    // PCM, one channel.
    file.extend(1_u16.to_le_bytes());
    file.extend(1_u16.to_le_bytes());
    file.extend(RATE.to_le_bytes());
    file.extend(BYTES_PER_SECOND.to_le_bytes());
    // Bytes and bits per sample.
    file.extend(2_u16.to_le_bytes());
    file.extend(16_u16.to_le_bytes());
    file.extend(b"data");
    file.extend(length.to_le_bytes());
    file.extend(sound);
    file
}

/// The duration of a recording, from the header of a WAV file, otherwise assuming 128 kbit/s.
pub(crate) fn seconds(file: &[u8]) -> f64 {
    let head = file.get(..HEAD).filter(|head| head.starts_with(b"RIFF"));
    let rate = head.map(|head| u32::from_le_bytes([head[28], head[29], head[30], head[31]]));
    match rate {
        Some(rate) if rate > 0 => (file.len() - HEAD) as f64 / f64::from(rate),
        _ => file.len() as f64 / 16_000.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_of_audio_has_a_duration_of_one_second() {
        let file = wav(&tone(RATE as usize, 100));
        assert_eq!(file.len(), HEAD + BYTES_PER_SECOND as usize);
        assert!((seconds(&file) - 1.0).abs() < 1e-9);
        assert!((seconds(&[0; 16_000]) - 1.0).abs() < 1e-9);
    }
}
