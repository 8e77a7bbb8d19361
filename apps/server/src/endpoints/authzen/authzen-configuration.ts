/** Default path of the Access Evaluation API. @see AuthZEN §10.1 */
export const EVALUATION_PATH = '/access/v1/evaluation';
/** Default path of the Access Evaluations API. @see AuthZEN §10.1 */
export const EVALUATIONS_PATH = '/access/v1/evaluations';

/** What the service says about itself as a policy decision point. @see AuthZEN §9.1 */
export function authzenConfiguration(issuer: string) {
  // No search endpoints: their absence says that there is no search.
  return {
    policy_decision_point: issuer,
    access_evaluation_endpoint: `${issuer}${EVALUATION_PATH}`,
    access_evaluations_endpoint: `${issuer}${EVALUATIONS_PATH}`,
  };
}
