//! Pictures of all kinds, and what only pretends to be one.

use super::{Seen, look, try_look};
use bytes::Bytes;
use image::{DynamicImage, ExtendedColorType, ImageEncoder as _, ImageFormat, Rgba, RgbaImage};
use std::{io::Cursor, time::Instant};

fn picture(width: u32, height: u32, alpha: u8) -> DynamicImage {
    let color = |x: u32, y: u32| Rgba([(x % 256) as u8, (y % 256) as u8, 128, alpha]);
    DynamicImage::ImageRgba8(RgbaImage::from_fn(width, height, color))
}

fn file(image: &DynamicImage, format: ImageFormat) -> Bytes {
    let mut bytes = Cursor::new(Vec::new());
    image.write_to(&mut bytes, format).expect("a file");
    bytes.into_inner().into()
}

fn thumbnail(seen: &Seen) -> DynamicImage {
    let thumbnail = seen.thumbnail.as_ref().expect("a thumbnail");
    image::load_from_memory(&thumbnail.bytes).expect("a picture")
}

#[test]
fn a_thumbnail_keeps_the_shape_of_the_picture() {
    for format in [ImageFormat::Png, ImageFormat::Gif, ImageFormat::WebP] {
        let seen = look(file(&picture(1280, 640, 255), format));
        assert_eq!(seen.pixels, Some((1280, 640)), "{format:?}");
        let small = thumbnail(&seen);
        assert_eq!((small.width(), small.height()), (320, 160), "{format:?}");
    }
    let opaque = DynamicImage::ImageRgb8(picture(1280, 640, 255).to_rgb8());
    assert_eq!(look(file(&opaque, ImageFormat::Jpeg)).pixels, Some((1280, 640)));
}

#[test]
fn a_small_picture_is_not_enlarged() {
    let small = thumbnail(&look(file(&picture(20, 10, 255), ImageFormat::Png)));
    assert_eq!((small.width(), small.height()), (20, 10));
}

#[test]
fn what_shows_through_goes_on_showing_through() {
    let media_type = |alpha| look(file(&picture(400, 400, alpha), ImageFormat::Png)).thumbnail.unwrap().media_type;
    assert_eq!(media_type(255), "image/jpeg");
    assert_eq!(media_type(100), "image/png");
}

#[test]
fn a_picture_is_turned_as_its_camera_says() {
    // Exif with the one entry Orientation = 6: to be turned by 90 degrees.
    let exif = b"II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\0\0\0\0";
    let mut bytes = Vec::new();
    let mut encoder = image::codecs::jpeg::JpegEncoder::new(&mut bytes);
    encoder.set_exif_metadata(exif.to_vec()).expect("metadata");
    let pixels = picture(640, 320, 255).to_rgb8();
    encoder.write_image(&pixels, 640, 320, ExtendedColorType::Rgb8).expect("a file");

    let seen = look(bytes.into());

    assert_eq!(seen.pixels, Some((320, 640)));
    let small = thumbnail(&seen);
    assert_eq!((small.width(), small.height()), (160, 320));
}

#[test]
fn a_picture_of_too_many_pixels_has_a_size_and_no_thumbnail() {
    let mut bytes = file(&picture(1, 1, 255), ImageFormat::Png).to_vec();
    // The head of a PNG: width and height, then a checksum over them.
    bytes[16..24].copy_from_slice(&[0, 0, 0x40, 0, 0, 0, 0x40, 0]);
    let checksum = crc32(&bytes[12..29]);
    bytes[29..33].copy_from_slice(&checksum.to_be_bytes());
    assert_eq!(look(bytes.into()), Seen { pixels: Some((16_384, 16_384)), thumbnail: None });
}

fn crc32(bytes: &[u8]) -> u32 {
    let step = |crc: u32, byte: &u8| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| if crc & 1 == 1 { (crc >> 1) ^ 0xEDB8_8320 } else { crc >> 1 })
    };
    !bytes.iter().fold(u32::MAX, step)
}

#[test]
fn what_is_broken_or_no_picture_has_no_thumbnail() {
    let whole = file(&picture(500, 500, 255), ImageFormat::Png);
    assert_eq!(look(whole.slice(..whole.len() / 2)).thumbnail, None);
    assert_eq!(look(Bytes::from_static(b"hello")), Seen::default());
    assert_eq!(look(Bytes::new()), Seen::default());
}

#[test]
fn a_picture_that_takes_too_long_is_given_up() {
    let bytes = file(&picture(500, 500, 255), ImageFormat::Png);
    let error = try_look(bytes, Instant::now(), &mut Seen::default()).expect_err("it is over already");
    assert!(error.to_string().contains("too long"), "{error}");
}
