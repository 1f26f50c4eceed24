using System.Diagnostics;
using Microsoft.Playwright;

[assembly: AssemblyFixture(typeof(Sessions.SystemTests.Browser.Chromium))]

namespace Sessions.SystemTests.Browser;

/// <summary>The Chromium that Debian installed, started when the first test asks for it.</summary>
public sealed class Chromium : IAsyncDisposable
{
    private const string Executable = "/usr/bin/chromium";

    // No sandbox since CI runs as root; the rest keeps a browser without a user from talking to its maker.
    private static readonly string[] Flags =
    [
        "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
        "--disable-component-update", "--disable-sync",
        // The SDK and the gateway drop what robots do, and this browser is here for a person.
        "--disable-blink-features=AutomationControlled",
    ];

    private readonly Lazy<Task<(IPlaywright Playwright, IBrowser Browser)>> _started = new(Start);

    /// <summary>Somebody's browser, with no memory of anybody else's.</summary>
    /// <param name="hasTouch">Whether there is a screen that takes fingers, too.</param>
    public async Task<Visit> Open(bool hasTouch = false)
    {
        IBrowser browser = (await _started.Value).Browser;
        return new Visit(await browser.NewContextAsync(new() { HasTouch = hasTouch }));
    }

    public async ValueTask DisposeAsync()
    {
        if (_started.IsValueCreated && _started.Value.IsCompletedSuccessfully)
        {
            (IPlaywright playwright, IBrowser browser) = await _started.Value;
            await browser.DisposeAsync();
            playwright.Dispose();
        }
    }

    private static async Task<(IPlaywright Playwright, IBrowser Browser)> Start()
    {
        Assert.True(File.Exists(Executable), $"{Executable} is missing: run ./test, or install Debian's package chromium.");
        IPlaywright playwright = await Playwright.CreateAsync();
        // As the same browser says with a window; without one it says HeadlessChrome, which is a robot's name. Playwright's
        // own option does not reach what a page does while it is left.
        string person = $"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/{await Major()}.0.0.0 Safari/537.36";
        IBrowser browser = await playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions
        {
            ExecutablePath = Executable,
            Headless = true,
            Args = [.. Flags, $"--user-agent={person}"],
        });
        return (playwright, browser);
    }

    /// <summary>The first part of its version, from "Chromium 140.0.7339.80 built on Debian ...".</summary>
    private static async Task<string> Major()
    {
        using Process asked = Process.Start(new ProcessStartInfo(Executable, "--version") { RedirectStandardOutput = true })!;
        string answer = await asked.StandardOutput.ReadToEndAsync();
        await asked.WaitForExitAsync();
        return answer.Split(' ')[1].Split('.')[0];
    }
}
