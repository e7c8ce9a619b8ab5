const styles = `body{font:16px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:70rem;padding:0 1rem}
.cards{display:grid;grid-template-columns:repeat(auto-fill,minmax(13rem,1fr));gap:1rem}
.card{border:1px solid #ddd;border-radius:6px;padding:.6rem;overflow-wrap:anywhere}
.card form{display:inline-block;margin:.3rem .3rem 0 0}.card small{display:block;color:#555}
.card img,.card video,.none{width:100%;height:9rem;object-fit:contain;background:#f2f2f2;display:grid;place-items:center}`;

/** A page of the stand-in for people. Scripts, if any, come from this server. */
export function page(title: string, body: string): Response {
  const html = `<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${escaped(title)}</title>
<style>${styles}</style><h1>${escaped(title)}</h1>
${body}
</html>`;
  return new Response(html, {
    headers: {
      "Content-Type": "text/html; charset=utf-8",
      "Content-Security-Policy":
        "default-src 'none'; script-src 'self'; style-src 'unsafe-inline'; img-src * blob:; media-src *; connect-src 'self'; form-action 'self'; frame-ancestors 'none'",
    },
  });
}

export const escaped = (text: string): string =>
  text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);
