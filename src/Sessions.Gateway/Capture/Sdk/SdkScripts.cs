using System.Collections.Frozen;
using System.IO.Compression;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace Sessions.Gateway.Capture.Sdk;

/// <summary>
/// The scripts of posthog-js, out of the npm package: <c>array.js</c> and what it loads lazily. They are read once, and
/// only names that were read are found, so no path leads out of the folder.
/// </summary>
internal sealed partial class SdkScripts
{
    public const string ContentType = "text/javascript; charset=utf-8";

    // Sites get a new SDK within five minutes of an update; until then, and with the same ETag after, nothing is sent.
    private const string Caching = "public, max-age=300";

    private readonly FrozenDictionary<string, Script> _scripts;

    /// <param name="folder">The folder of the <c>.js</c> files.</param>
    /// <param name="logger">Told when there are none.</param>
    public SdkScripts(string folder, ILogger<SdkScripts> logger)
    {
        _scripts = Directory.Exists(folder)
            ? Directory.EnumerateFiles(folder, "*.js").ToFrozenDictionary(file => Path.GetFileName(file), Script.Read)
            : FrozenDictionary<string, Script>.Empty;
        if (!_scripts.ContainsKey("array.js"))
        {
            LogMissing(logger, folder);
        }
    }

    public Task Send(HttpContext context, string name)
    {
        if (!_scripts.TryGetValue(name, out Script? script))
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return Task.CompletedTask;
        }

        IHeaderDictionary headers = context.Response.Headers;
        headers.ETag = script.ETag.ToString();
        headers.CacheControl = Caching;
        headers.Vary = "Origin, Accept-Encoding";
        headers.XContentTypeOptions = "nosniff";
        if (IsFresh(context.Request, script.ETag))
        {
            context.Response.StatusCode = StatusCodes.Status304NotModified;
            return Task.CompletedTask;
        }

        bool zipped = context.Request.Headers.AcceptEncoding.ToString().Contains("gzip", StringComparison.OrdinalIgnoreCase);
        if (zipped)
        {
            headers.ContentEncoding = "gzip";
        }

        byte[] bytes = zipped ? script.Zipped.Value : script.Plain;
        context.Response.ContentType = ContentType;
        context.Response.ContentLength = bytes.Length;
        return HttpMethods.IsHead(context.Request.Method)
            ? Task.CompletedTask
            : context.Response.Body.WriteAsync(bytes, context.RequestAborted).AsTask();
    }

    private static bool IsFresh(HttpRequest request, EntityTagHeaderValue tag) =>
        request.Headers.IfNoneMatch is { Count: > 0 } header
        && EntityTagHeaderValue.TryParseList([.. header.OfType<string>()], out IList<EntityTagHeaderValue>? known)
        && known.Any(one => one.Equals(EntityTagHeaderValue.Any) || one.Compare(tag, useStrongComparison: false));

    [LoggerMessage(LogLevel.Warning, "There is no array.js in {Folder}: /static/ answers 404. Run 'npm ci' before the build.")]
    private static partial void LogMissing(ILogger logger, string folder);

    private sealed record Script(byte[] Plain, Lazy<byte[]> Zipped, EntityTagHeaderValue ETag)
    {
        public static Script Read(string file)
        {
            byte[] plain = File.ReadAllBytes(file);

            // Weak, because it stands for the script and not for its bytes, which may be zipped.
            string hash = Convert.ToHexStringLower(SHA256.HashData(plain).AsSpan(0, 12));
            var tag = new EntityTagHeaderValue(new StringSegment($"\"{hash}\""), isWeak: true);
            return new Script(plain, new Lazy<byte[]>(() => Zip(plain)), tag);
        }

        private static byte[] Zip(byte[] plain)
        {
            var zipped = new MemoryStream();
            using (var gzip = new GZipStream(zipped, CompressionLevel.Optimal))
            {
                gzip.Write(plain);
            }

            return zipped.ToArray();
        }
    }
}
