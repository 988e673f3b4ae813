/** What is there when the page fails again and again: no script, and what to do meanwhile. */
export const safePage = (api: string): string => `<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="color-scheme" content="dark light"><title>Firebreak: the page failed</title>
<h1>The page failed three times within five minutes</h1>
<p>Nothing that runs has stopped: the server goes on, and says what it did when you look again.</p>
<ul>
<li><a href="/">Load the console anew</a></li>
<li>In a browser it is at ${text(api)}</li>
<li>On the command line: <code>firebreak incidents</code>, and the pages of the runbook are in the folder <code>runbook</code> of the project</li>
</ul>
`

const text = (value: string): string => value.replace(/[<>&"]/g, (sign) => `&#${sign.codePointAt(0)};`)
