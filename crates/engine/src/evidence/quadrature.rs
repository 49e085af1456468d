//! log p(x) and p(z|x) by quadrature over a latent plane.

use super::request_error;
use burn::tensor::{Device, Tensor, TensorData};
use protocol::{
    RequestError,
    evidence::{EvidenceResult, Observation, Quadrature},
};
use vae::{
    Condition, Vae,
    evidence::EvidenceError,
    evidence::{Exact, GridPass, LatentGrid, PlanePosterior},
};

/// Grid points along each side. The decoder's output at all of them takes 13 MB.
const GRID_SIDE: usize = 64;
/// Posterior mass of the cells that are left out of the result.
const OMITTED_MASS: f64 = 1e-6;

/// The state that all quadratures of the model in use share, and the latest quadrature.
#[derive(Debug, Default)]
pub(super) struct QuadratureCache {
    /// The decoder's output over the grid, with the class weights that it was conditioned on.
    grid: Option<(Vec<f32>, GridPass)>,
    latest: Option<ImageQuadrature>,
}

/// The quadrature of an image.
#[derive(Debug)]
struct ImageQuadrature {
    observation: Observation,
    q: PlanePosterior,
    exact: Exact,
}

impl QuadratureCache {
    /// Decodes another part of the grid.
    pub(super) async fn decode_grid(
        &mut self,
        model: &Vae,
        conditioning: &[f32],
        device: &Device,
    ) -> Result<EvidenceResult, RequestError> {
        if self.grid(conditioning).is_err() {
            let grid = LatentGrid::new(GRID_SIDE, LatentGrid::REACH).map_err(request_error)?;
            let pass = GridPass::new(model, grid, device).map_err(request_error)?;
            self.grid = Some((conditioning.to_vec(), pass));
        }
        let Some((_, pass)) = &mut self.grid else {
            return Err(not_decoded());
        };
        pass.advance(model, conditioning)
            .await
            .map_err(request_error)?;
        Ok(EvidenceResult::Grid {
            done: pass.done(),
            total: pass.grid().len(),
        })
    }

    /// Integrates over the decoded grid.
    pub(super) async fn integrate(
        &mut self,
        model: &Vae,
        observation: Observation,
        x: &[f32],
        device: &Device,
    ) -> Result<EvidenceResult, RequestError> {
        let grid = self.grid(&observation.conditioning)?;
        let exact = grid.exact(x).await.map_err(request_error)?;
        let q = encode(model, x, &observation.conditioning, device).await?;
        let result = result(&exact, q);
        self.latest = Some(ImageQuadrature {
            observation,
            q,
            exact,
        });
        Ok(result)
    }

    /// Refines the latest quadrature, which must be of this image.
    pub(super) async fn refine(
        &mut self,
        model: &Vae,
        observation: &Observation,
        x: &[f32],
        device: &Device,
    ) -> Result<EvidenceResult, RequestError> {
        let latest = self
            .latest
            .as_mut()
            .filter(|latest| latest.observation == *observation)
            .ok_or_else(|| {
                RequestError::bad_request("the latest quadrature was of another image")
            })?;
        let ImageQuadrature { q, exact, .. } = latest;
        exact
            .refine(model, x, &observation.conditioning, Some(*q), device)
            .await
            .map_err(request_error)?;
        Ok(result(exact, *q))
    }

    fn grid(&self, conditioning: &[f32]) -> Result<&GridPass, RequestError> {
        match &self.grid {
            Some((cached, pass)) if cached == conditioning => Ok(pass),
            _ => Err(not_decoded()),
        }
    }
}

fn not_decoded() -> RequestError {
    RequestError::bad_request("the grid is not decoded yet")
}

/// q(z|x) of a two-dimensional model.
async fn encode(
    model: &Vae,
    x: &[f32],
    conditioning: &[f32],
    device: &Device,
) -> Result<PlanePosterior, RequestError> {
    if !model.has_encoder() {
        return Err(RequestError::bad_request(EvidenceError::NoEncoder));
    }
    let x = Tensor::from_data(TensorData::new(x.to_vec(), [1, x.len()]), device);
    let condition = Condition::shared(conditioning, 1, device);
    let q = model.encoder.forward(x, &condition);
    let pair = async |tensor: Tensor<2>| -> Result<[f64; 2], RequestError> {
        let data = tensor
            .into_data_async()
            .await
            .map_err(RequestError::backend_lost)?;
        let values: Vec<f64> = data.iter().collect();
        values
            .try_into()
            .map_err(|_| RequestError::bad_request("quadrature needs a two-dimensional model"))
    };
    Ok(PlanePosterior {
        mu: pair(q.mu).await?,
        log_var: pair(q.log_var).await?,
    })
}

fn result(exact: &Exact, q: PlanePosterior) -> EvidenceResult {
    let covariance = exact.covariance();
    EvidenceResult::Quadrature(Quadrature {
        log_evidence: exact.log_evidence,
        error: exact.error,
        gap: exact.kl_from(q.mu, q.log_var),
        mean: exact.mean(),
        standard_deviation: [0, 1].map(|i| covariance[i][i].max(0.0).sqrt()),
        cells: cells_by_mass(exact),
    })
}

/// The cells with all but [`OMITTED_MASS`] of the posterior, in the order of their mass.
fn cells_by_mass(exact: &Exact) -> Vec<f32> {
    let mut cells: Vec<_> = exact
        .posterior()
        .map(|(cell, log_density)| ((log_density + cell.log_area()).exp(), cell, log_density))
        .collect();
    cells.sort_by(|a, b| b.0.total_cmp(&a.0));
    let mut remaining = 1.0;
    cells
        .into_iter()
        .take_while(|(mass, ..)| {
            let included = remaining > OMITTED_MASS && *mass > 0.0;
            remaining -= mass;
            included
        })
        .flat_map(|(_, cell, log_density)| [cell.z[0], cell.z[1], cell.width, log_density])
        .map(|value| value as f32)
        .collect()
}
