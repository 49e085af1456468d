//! Converts images to a data set's shape. Each function depends on its arguments only, so that a preview shows what the
//! set will have.

use crate::{
    grey_image::GreyImage,
    image::SIDE,
    normalize::{BlankImage, normalize_image},
    raster::Raster,
    resample::resample,
};
use spec::{Conversion, ImageShape, ShapeError};
use thiserror::Error;

/// Why an image cannot become one of the data set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum ConversionError {
    /// It has no contrast, so there is no digit.
    #[error(transparent)]
    Blank(#[from] BlankImage),
    /// The size differs, and images are to stay unchanged.
    #[error(
        "it has {width}×{height} pixels, and the set has {}×{}: choose to fit or to fill instead of unchanged",
        shape.width, shape.height
    )]
    Size {
        /// Columns.
        width: usize,
        /// Rows.
        height: usize,
        /// The shape of the set.
        shape: ImageShape,
    },
    /// No data set may have the shape.
    #[error(transparent)]
    Shape(#[from] ShapeError),
    /// Digits have MNIST's shape.
    #[error("as digits, images have 28×28 grey pixels, not {0}")]
    DigitShape(ImageShape),
}

/// Converts an image to `[height × width × channels]` values of a data set's shape.
///
/// # Errors
/// [`ConversionError`].
pub fn convert(
    image: &Raster,
    conversion: Conversion,
    shape: ImageShape,
) -> Result<Vec<u8>, ConversionError> {
    shape.validate()?;
    match conversion {
        Conversion::AsDigits if shape != ImageShape::MNIST => {
            Err(ConversionError::DigitShape(shape))
        }
        Conversion::AsDigits => Ok(normalize_image(&image.to_grey())?.to_vec()),
        Conversion::Fit => Ok(fit(image, shape)),
        Conversion::Fill => Ok(fill(image, shape)),
        Conversion::Unchanged => unchanged(image, shape),
    }
}

/// The image in a data set's number of channels.
fn with_channels(image: &Raster, shape: ImageShape) -> Raster {
    match (image.channels, shape.is_color()) {
        (3, false) => Raster::from_planes(&[image.to_grey()]),
        (1, true) => {
            let grey = image.plane(0);
            Raster::from_planes(&[grey.clone(), grey.clone(), grey])
        }
        _ => image.clone(),
    }
}

fn fit(image: &Raster, shape: ImageShape) -> Vec<u8> {
    let scale =
        (shape.width as f64 / image.width as f64).min(shape.height as f64 / image.height as f64);
    let side =
        |length: usize, limit: usize| ((length as f64 * scale).round() as usize).clamp(1, limit);
    let (width, height) = (
        side(image.width, shape.width),
        side(image.height, shape.height),
    );
    let (left, top) = ((shape.width - width) / 2, (shape.height - height) / 2);
    let placed = with_channels(image, shape).map_planes(|plane| {
        let border = border_median(plane);
        let small = resample(plane, width, height);
        GreyImage::from_fn(shape.width, shape.height, |x, y| {
            let inside = (left..left + width).contains(&x) && (top..top + height).contains(&y);
            if inside {
                small.at(x - left, y - top)
            } else {
                border
            }
        })
    });
    placed.pixels
}

fn fill(image: &Raster, shape: ImageShape) -> Vec<u8> {
    // The largest centred part of the set's aspect ratio.
    let wide = image.width * shape.height > image.height * shape.width;
    let (width, height) = if wide {
        (image.height * shape.width / shape.height, image.height)
    } else {
        (image.width, image.width * shape.height / shape.width)
    };
    let (width, height) = (width.max(1), height.max(1));
    let (left, top) = ((image.width - width) / 2, (image.height - height) / 2);
    let filled = with_channels(image, shape).map_planes(|plane| {
        let part = GreyImage::from_fn(width, height, |x, y| plane.at(left + x, top + y));
        resample(&part, shape.width, shape.height)
    });
    filled.pixels
}

fn unchanged(image: &Raster, shape: ImageShape) -> Result<Vec<u8>, ConversionError> {
    if (image.width, image.height) != (shape.width, shape.height) {
        return Err(ConversionError::Size {
            width: image.width,
            height: image.height,
            shape,
        });
    }
    Ok(with_channels(image, shape).pixels)
}

/// The median level of an image's border.
pub(crate) fn border_median(image: &GreyImage) -> u8 {
    let (width, height) = (image.width(), image.height());
    let mut border: Vec<u8> = (0..width)
        .flat_map(|x| [image.at(x, 0), image.at(x, height - 1)])
        .chain((0..height).flat_map(|y| [image.at(0, y), image.at(width - 1, y)]))
        .collect();
    let middle = border.len() / 2;
    *border.select_nth_unstable(middle).1
}

/// An image of a prepared set as a digit: one of MNIST's size keeps its pixels.
///
/// # Errors
/// [`BlankImage`].
pub(crate) fn prepared_digit(image: &Raster) -> Result<Vec<u8>, BlankImage> {
    if (image.width, image.height, image.channels) != (SIDE, SIDE, 1) {
        return Ok(normalize_image(&image.to_grey())?.to_vec());
    }
    if image.pixels.iter().all(|&pixel| pixel == image.pixels[0]) {
        return Err(BlankImage);
    }
    Ok(image.pixels.clone())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn raster(width: usize, height: usize, channels: usize, f: impl Fn(usize) -> u8) -> Raster {
        let pixels = (0..width * height * channels).map(f).collect();
        Raster::new(width, height, channels, pixels).expect("valid size")
    }

    #[test]
    fn convert_fit_keeps_all_of_the_image() {
        // A white bar on black, twice as wide as high.
        let wide = raster(40, 20, 1, |at| if at / 40 == 10 { 255 } else { 0 });
        let fitted = convert(&wide, Conversion::Fit, ImageShape::grey(20, 20)).expect("fits");
        let row = |y: usize| &fitted[y * 20..][..20];
        assert!(row(10).iter().all(|&p| p > 60), "{:?}", row(10));
        assert!(row(2).iter().all(|&p| p == 0));
    }

    #[test]
    fn convert_fit_fills_the_rest_with_the_border() {
        let light = raster(10, 30, 1, |_| 200);
        let fitted = convert(&light, Conversion::Fit, ImageShape::grey(16, 16)).expect("fits");
        assert!(fitted.iter().all(|&p| p == 200));
    }

    #[test]
    fn convert_fill_cuts_both_sides_off() {
        let thirds = raster(48, 16, 1, |at| {
            if (16..32).contains(&(at % 48)) {
                255
            } else {
                0
            }
        });
        let filled = convert(&thirds, Conversion::Fill, ImageShape::grey(16, 16)).expect("fills");
        assert!(filled.iter().all(|&p| p == 255));
    }

    #[test]
    fn convert_unchanged_requires_the_shape() {
        let image = raster(8, 9, 3, |at| at as u8);
        let shape = ImageShape::color(9, 8);
        let kept = convert(&image, Conversion::Unchanged, shape).expect("same size");
        assert_eq!(kept, image.pixels());
        let grey = convert(&image, Conversion::Unchanged, ImageShape::grey(9, 8)).expect("grey");
        assert_eq!(grey, image.to_grey().pixels());
        let other = convert(&image, Conversion::Unchanged, ImageShape::color(8, 9));
        assert!(matches!(other, Err(ConversionError::Size { width: 8, .. })));
    }

    #[test]
    fn convert_as_digits_needs_the_shape_of_digits() {
        let image = raster(30, 30, 1, |at| if at % 30 == 15 { 255 } else { 0 });
        let digit = convert(&image, Conversion::AsDigits, ImageShape::MNIST).expect("ink");
        assert_eq!(digit, normalize_image(&image.to_grey()).expect("ink"));
        assert!(convert(&image, Conversion::AsDigits, ImageShape::grey(32, 32)).is_err());
    }

    proptest! {
        #[test]
        fn convert_gives_the_shape_for_images_of_any_size(
            width in 1..90_usize,
            height in 1..90_usize,
            colour in any::<bool>(),
            rows in 8..=64_usize,
            columns in 8..=64_usize,
            to_colour in any::<bool>(),
        ) {
            let image = raster(width, height, if colour { 3 } else { 1 }, |at| (at * 31) as u8);
            let shape = if to_colour { ImageShape::color(rows, columns) } else { ImageShape::grey(rows, columns) };
            for conversion in [Conversion::Fit, Conversion::Fill] {
                prop_assert_eq!(convert(&image, conversion, shape).expect("any size").len(), shape.values());
            }
        }
    }
}
