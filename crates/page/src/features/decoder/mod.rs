//! The decoder: z and the label, the controls that set them, and the decoded image.

pub(crate) mod caption;
pub(crate) mod decoded_image;
pub(crate) mod decoded_thumbnail;
pub(crate) mod error_box;
pub(crate) mod frame_thumbnail;
pub(crate) mod label_control;
pub(crate) mod latent_buttons;
pub(crate) mod play_button;
pub(crate) mod playback;
pub(crate) mod slider_row;
pub(crate) mod sliders;
