using System.Collections.Frozen;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Sessions.Capture.Sdk;

/// <summary>The scripts of posthog-js, out of the npm package: <c>array.js</c> and what it loads lazily.</summary>
internal sealed partial class SdkScripts
{
    // Sites get a new SDK within five minutes of an update; until then, and with the same ETag after, nothing is sent.
    private const string Caching = "public, max-age=300";

    private readonly FrozenDictionary<string, Asset> _scripts;

    /// <param name="folder">The folder of the <c>.js</c> files.</param>
    /// <param name="logger">Takes a warning when the folder has none.</param>
    public SdkScripts(string folder, ILogger<SdkScripts> logger)
    {
        _scripts = Asset.ReadFolder(folder);
        if (!_scripts.ContainsKey("array.js"))
        {
            LogMissing(logger, folder);
        }
    }

    /// <summary>Answers with a script; with 404 when there is none of that name.</summary>
    public Task Send(HttpContext context, string name)
    {
        if (_scripts.TryGetValue(name, out Asset? script))
        {
            return script.Send(context, Caching, vary: "Origin, Accept-Encoding");
        }

        context.Response.StatusCode = StatusCodes.Status404NotFound;
        return Task.CompletedTask;
    }

    [LoggerMessage(3050, LogLevel.Warning, "There is no array.js in {Folder}. The gateway answers 404 to /static/. Run 'npm ci' before the build.")]
    private static partial void LogMissing(ILogger logger, string folder);
}
