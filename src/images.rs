//! Pictures: their size as they are shown, and a thumbnail.
//!
//! Bounded on all sides, since whoever sends a picture chooses what is in it: so many encoded bytes, so many pixels, so
//! much memory, so much time. A picture beyond a bound has no thumbnail; its size may still be known.

use bytes::Bytes;
use image::{
    DynamicImage, GenericImageView as _, ImageDecoder as _, ImageFormat, ImageReader, Limits,
    codecs::jpeg::JpegEncoder, metadata::Orientation,
};
use std::{
    io::{self, BufRead, Cursor, Read, Seek},
    time::{Duration, Instant},
};

/// Larger files are not looked at.
pub const MOST_BYTES: u64 = 64 << 20;
/// A larger picture gets no thumbnail.
const MOST_PIXELS: u64 = 50_000_000;
/// No side is longer.
const LONGEST_SIDE: u32 = 32_768;
/// A decoder that needs more is refused.
const MOST_MEMORY: u64 = 320 << 20;
/// Reading has to be over by then.
pub const MOST_TIME: Duration = Duration::from_secs(15);
/// The thumbnail fits into a square of this side.
const SIDE: u32 = 320;
const JPEG_QUALITY: u8 = 82;

/// What is seen of a picture.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Seen {
    /// Width and height as it is shown, in pixels.
    pub pixels: Option<(u32, u32)>,
    /// Its thumbnail.
    pub thumbnail: Option<Thumbnail>,
}

/// A small form of a picture.
#[derive(Clone, Debug, PartialEq)]
pub struct Thumbnail {
    /// `image/jpeg`, or `image/png` where something shows through.
    pub media_type: &'static str,
    /// The file.
    pub bytes: Vec<u8>,
}

/// Looks at a picture; takes its time, and may be given any bytes.
pub fn look(bytes: Bytes) -> Seen {
    let deadline = Instant::now() + MOST_TIME;
    let mut seen = Seen::default();
    if let Err(error) = try_look(bytes, deadline, &mut seen) {
        tracing::info!(%error, "a picture has no thumbnail");
    }
    seen
}

fn try_look(bytes: Bytes, deadline: Instant, seen: &mut Seen) -> image::ImageResult<()> {
    let mut reader = ImageReader::new(Timed { bytes: Cursor::new(bytes), deadline }).with_guessed_format()?;
    reader.limits(limits());
    let mut decoder = reader.into_decoder()?;
    let (width, height) = decoder.dimensions();
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    seen.pixels = Some(if is_turned(orientation) { (height, width) } else { (width, height) });
    if u64::from(width) * u64::from(height) > MOST_PIXELS {
        return Err(io::Error::other("it has too many pixels").into());
    }
    let mut small = shrunk(DynamicImage::from_decoder(decoder)?);
    small.apply_orientation(orientation);
    seen.thumbnail = Some(encoded(&small)?);
    Ok(())
}

fn limits() -> Limits {
    let mut limits = Limits::default();
    limits.max_image_width = Some(LONGEST_SIDE);
    limits.max_image_height = Some(LONGEST_SIDE);
    limits.max_alloc = Some(MOST_MEMORY);
    limits
}

fn is_turned(orientation: Orientation) -> bool {
    use Orientation::{Rotate90, Rotate90FlipH, Rotate270, Rotate270FlipH};
    matches!(orientation, Rotate90 | Rotate270 | Rotate90FlipH | Rotate270FlipH)
}

fn shrunk(image: DynamicImage) -> DynamicImage {
    let (width, height) = image.dimensions();
    if width <= SIDE && height <= SIDE { image } else { image.thumbnail(SIDE, SIDE) }
}

fn encoded(image: &DynamicImage) -> image::ImageResult<Thumbnail> {
    let mut bytes = Vec::new();
    let shows_through = image.color().has_alpha() && image.to_rgba8().pixels().any(|pixel| pixel.0[3] < u8::MAX);
    if shows_through {
        image.to_rgba8().write_to(&mut Cursor::new(&mut bytes), ImageFormat::Png)?;
        return Ok(Thumbnail { media_type: "image/png", bytes });
    }
    image.to_rgb8().write_with_encoder(JpegEncoder::new_with_quality(&mut bytes, JPEG_QUALITY))?;
    Ok(Thumbnail { media_type: "image/jpeg", bytes })
}

/// Bytes that end at a deadline, and with them whatever decodes them.
struct Timed {
    bytes: Cursor<Bytes>,
    deadline: Instant,
}

impl Timed {
    fn in_time(&self) -> io::Result<()> {
        if Instant::now() <= self.deadline { Ok(()) } else { Err(io::Error::other("it takes too long")) }
    }
}

impl Read for Timed {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.in_time()?;
        self.bytes.read(buffer)
    }
}

impl BufRead for Timed {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.in_time()?;
        self.bytes.fill_buf()
    }

    fn consume(&mut self, amount: usize) {
        self.bytes.consume(amount);
    }
}

impl Seek for Timed {
    fn seek(&mut self, to: io::SeekFrom) -> io::Result<u64> {
        self.bytes.seek(to)
    }
}

#[cfg(test)]
mod tests;
