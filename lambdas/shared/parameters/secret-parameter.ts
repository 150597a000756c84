import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';

/** A secret in Systems Manager's Parameter Store, encrypted there (`SecureString`). */
export class SecretParameter {
  readonly #name: string;
  readonly #client = new SSMClient({ maxAttempts: 3 });

  constructor(name: string) {
    this.#name = name;
  }

  /**
   * Reads it.
   * @param signal breaks the call off.
   * @throws what the client throws, and an error that names the parameter where nobody has made it.
   */
  async read(signal: AbortSignal): Promise<string> {
    const command = new GetParameterCommand({ Name: this.#name, WithDecryption: true });
    try {
      const { Parameter: parameter } = await this.#client.send(command, { abortSignal: signal });
      return parameter?.Value ?? '';
    } catch (error) {
      if (!(error instanceof Error) || error.name !== 'ParameterNotFound') throw error;
      // The service's own message is empty.
      throw new Error(`there is no parameter ${this.#name}: npm run canary makes it`, { cause: error });
    }
  }
}
