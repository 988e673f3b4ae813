import { S3ServiceException } from '@aws-sdk/client-s3'
import { PortFailure, StorageFailure, type StorageReason } from '@firebreak/kit'

/** What was asked, and `undefined` where there is no such object or version. */
export async function orUndefined<T>(asked: Promise<T>): Promise<T | undefined> {
  try {
    return await asked
  } catch (error) {
    if (error instanceof NoSuchObject) return undefined
    throw error
  }
}

/** There is no object, as opposed to no bucket. */
class NoSuchObject extends PortFailure {
  constructor(about: string) {
    super('not-found', `${about}: there is no such object`)
  }
}

/** https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html, and what others answer in their place. */
const REASONS: Partial<Record<string, StorageReason>> = {
  AccessDenied: 'denied',
  Forbidden: 'denied',
  AllAccessDisabled: 'denied',
  AccountProblem: 'denied',
  SignatureDoesNotMatch: 'denied',
  InvalidAccessKeyId: 'expired',
  ExpiredToken: 'expired',
  TokenRefreshRequired: 'expired',
  InvalidToken: 'expired',
  QuotaExceeded: 'quota',
  XMinioAdminBucketQuotaExceeded: 'quota',
  ServiceQuotaExceededException: 'quota',
  SlowDown: 'throttled',
  SlowDownRead: 'throttled',
  SlowDownWrite: 'throttled',
  Throttling: 'throttled',
  ThrottlingException: 'throttled',
  RequestLimitExceeded: 'throttled',
  TooManyRequests: 'throttled',
  ServiceUnavailable: 'unavailable',
  InternalError: 'unavailable',
}

/** The storage does not know this header, and did nothing. */
export class NotImplemented extends PortFailure {
  constructor(message: string) {
    super('invalid', message)
  }
}

/** What a failed call means. */
export function failureOf(error: unknown, about: string, signal: AbortSignal): Error {
  if (error instanceof PortFailure) return error
  if (signal.aborted) return new PortFailure('timeout', `${about}: no answer in time`)
  if (error instanceof S3ServiceException) return refusal(error, about)
  const answered = (error as { $response?: { statusCode?: number } } | undefined)?.$response?.statusCode
  if (answered !== undefined && answered < 500)
    return new PortFailure('invalid', `${about}: answered ${answered}, and not as S3 does`)
  const code = error instanceof Error && 'code' in error ? String(error.code) : undefined
  return new PortFailure('unreachable', `${about}: ${code ?? 'the connection failed'}`)
}

function refusal({ name, message, $metadata, $response }: S3ServiceException, about: string): PortFailure {
  const code = $metadata.httpStatusCode ?? 0
  if (name === 'NoSuchKey' || name === 'NoSuchVersion' || name === 'MethodNotAllowed') return new NoSuchObject(about)
  const said = `${about}: ${name}: ${message}`
  const reason = REASONS[name] ?? REASONS[codeHeader($response)]
  if (reason) return new StorageFailure(reason, said)
  // The answer to HEAD has no body, so nothing but its code says what is wrong.
  if (code === 404) return name === 'NoSuchBucket' ? new PortFailure('not-found', said) : new NoSuchObject(about)
  if (code === 401 || code === 403) return new StorageFailure('denied', said)
  if (code === 409 || code === 412) return new PortFailure('conflict', said)
  if (code === 429) return new StorageFailure('throttled', said)
  if (code === 501) return new NotImplemented(said)
  if (code === 504) return new PortFailure('timeout', said)
  return code >= 500 ? new StorageFailure('unavailable', said) : new PortFailure('invalid', said)
}

/** MinIO says in a header what the missing body of HEAD cannot. */
function codeHeader(response: S3ServiceException['$response']): string {
  const headers = (response as { headers?: Record<string, string> } | undefined)?.headers
  return headers?.['x-minio-error-code'] ?? ''
}
