/** What went wrong and what to do about it, in words for the person at the terminal. */
export class Failure extends Error {
  constructor(message, todo) {
    super(todo === undefined ? message : `${message}\nWhat to do: ${todo}`);
  }
}

/** What the person at the terminal has to change first: a word of the line, or a file. */
export class Misuse extends Failure {}

export const USE_DOCKER = 'use Docker instead: docker compose -f deploy/compose.yaml up -d';
