// Where the server wants a token: its page asks for it, and leads back here.

export function denied() {
  location.replace(`./token?${new URLSearchParams({ next: location.search })}`);
}
