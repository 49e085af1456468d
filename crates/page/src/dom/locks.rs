//! Locks that the tabs of the page share (Web Locks).

use futures_channel::oneshot;
use js_sys::{Function, Object, Promise, Reflect};
use std::{
    cell::{Cell, RefCell},
    rc::Rc,
    time::Duration,
};
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use wasm_bindgen_futures::JsFuture;

/// A lock that this tab holds until it is released, taken by another tab, or the tab is closed.
#[derive(Debug, Clone, Default)]
pub(crate) struct Lock {
    /// Ends the promise for which the lock is held.
    release: Rc<RefCell<Option<Function>>>,
}

impl Lock {
    /// Releases the lock.
    pub(crate) fn release(&self) {
        if let Some(resolve) = self.release.take() {
            // A promise's function does not throw.
            let _ = resolve.call0(&JsValue::UNDEFINED);
        }
    }
}

/// How to request a lock that another tab holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Request {
    /// Wait for this time.
    Wait(Duration),
    /// Take it from the other tab.
    Steal,
}

/// Requests the lock of this name. `None` if another tab holds it. A browser without locks, or an insecure page, gives a
/// lock that nobody else respects. `on_lost` is called when another tab takes it.
pub(crate) async fn request(
    name: &str,
    request: Request,
    on_lost: impl FnOnce() + 'static,
) -> Option<Lock> {
    let lock = Lock::default();
    let (sender, granted) = oneshot::channel::<bool>();
    let sender = Rc::new(Cell::new(Some(sender)));
    let (answer, release) = (sender.clone(), lock.release.clone());
    // Called with the lock, which is held until the returned promise ends.
    let hold = Closure::once_into_js(move |_: JsValue| -> JsValue {
        let promise = Promise::new(&mut |resolve, _| {
            release.replace(Some(resolve));
        });
        if let Some(sender) = answer.take() {
            let _ = sender.send(true);
        }
        promise.into()
    });
    let Ok(held) = call(name, request, &hold) else {
        return Some(lock);
    };
    let lost = lock.release.clone();
    wasm_bindgen_futures::spawn_local(async move {
        let ended = JsFuture::from(held).await;
        if let Some(sender) = sender.take() {
            let _ = sender.send(false);
        } else if ended.is_err() && lost.take().is_some() {
            on_lost();
        }
    });
    granted.await.unwrap_or(false).then_some(lock)
}

fn call(name: &str, request: Request, hold: &JsValue) -> Result<Promise, JsValue> {
    let options = Object::new();
    match request {
        Request::Steal => Reflect::set(&options, &"steal".into(), &true.into())?,
        Request::Wait(time) => {
            let signal = Reflect::get(&js_sys::global(), &"AbortSignal".into())?;
            let timeout: Function = Reflect::get(&signal, &"timeout".into())?.dyn_into()?;
            let signal = timeout.call1(&signal, &(time.as_millis() as f64).into())?;
            Reflect::set(&options, &"signal".into(), &signal)?
        }
    };
    let navigator = Reflect::get(&js_sys::global(), &"navigator".into())?;
    let locks = Reflect::get(&navigator, &"locks".into())?;
    let method: Function = Reflect::get(&locks, &"request".into())?.dyn_into()?;
    method
        .call3(&locks, &name.into(), &options, hold)?
        .dyn_into()
}
