import type { ServerResponse } from 'node:http';
import type { ProblemException } from '../http/problem.js';
import { answerFailure, toOAuthFailure } from './answer-failure.js';
import { answerProblem } from './answer-problem.js';
import { answerTextFailure } from './answer-text-failure.js';
import type { DataPlaneRequest } from './data-plane-request.js';
import type { AnyDataPlaneRoute } from './data-plane-route.js';
import { OAuthFailure } from './oauth-failure.js';
import type { ToldFailure } from './report-failure.js';
import { toDataPlaneProblem } from './to-data-plane-problem.js';

/** Answers an error as its endpoint's protocol has it. @returns what was told */
export type AnswerError = (
  request: DataPlaneRequest,
  response: ServerResponse,
  error: unknown,
) => ToldFailure;

/** @param metadataUrl where the metadata of our own API is (RFC 9728 §5.1) */
export function errorAnswersOf(
  { errors = 'oauth' }: AnyDataPlaneRoute,
  metadataUrl: string,
): AnswerError {
  switch (errors) {
    case 'oauth':
      return (request, response, error) => {
        const failure = toOAuthFailure(error).pointingTo(metadataUrl);
        answerFailure(request, response, failure);
        return failure;
      };
    case 'problem':
      return asProblem(answerProblem, metadataUrl);
    case 'text':
      return asProblem(answerTextFailure, metadataUrl);
  }
}

/** At a sub-request it is somebody else's API that is asked for, and its metadata that is pointed to. */
export const answerSubRequestError: AnswerError = (request, response, error) => {
  const failure = toOAuthFailure(error);
  answerFailure(request, response, failure);
  return failure;
};

function asProblem(
  answer: (request: DataPlaneRequest, response: ServerResponse, problem: ProblemException) => void,
  metadataUrl: string,
): AnswerError {
  return (request, response, error) => {
    const problem = toDataPlaneProblem(
      error instanceof OAuthFailure ? error.pointingTo(metadataUrl) : error,
    );
    answer(request, response, problem);
    return { status: problem.getStatus(), code: problem.code, description: problem.detail };
  };
}
