using System.Collections.Frozen;
using System.IO.Compression;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Http;

namespace Sessions.Gateway.Pages;

/// <summary>
/// What the build made of the pages' scripts and of the replay's style sheet. They are read once, and only names that were read are found, so no path
/// leads out of the folder. Pages work without them, but for what is alive on them.
/// </summary>
internal sealed class PageScripts
{
    /// <summary>For what never changes under the same address.</summary>
    public const string ForGood = "public, max-age=31536000, immutable";

    private static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "assets");

    private readonly FrozenDictionary<string, Script> _scripts = Directory.Exists(Folder)
        ? Directory.EnumerateFiles(Folder).Where(IsScript).ToFrozenDictionary(file => Path.GetFileName(file), Script.Read)
        : FrozenDictionary<string, Script>.Empty;

    /// <summary>Tells one version of a file from another.</summary>
    public static string Mark(byte[] content) => Convert.ToHexStringLower(SHA256.HashData(content), 0, 6);

    /// <summary>The address of a script; it changes with it.</summary>
    public string Address(string name) =>
        _scripts.TryGetValue(name, out Script? script) ? $"/assets/{name}?v={script.Mark}" : $"/assets/{name}";

    public async Task Send(HttpContext context, string name)
    {
        if (!_scripts.TryGetValue(name, out Script? script))
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }

        IHeaderDictionary headers = context.Response.Headers;
        headers.CacheControl = ForGood;
        headers.Vary = "Accept-Encoding";
        headers.XContentTypeOptions = "nosniff";
        bool zipped = context.Request.Headers.AcceptEncoding.ToString().Contains("gzip", StringComparison.OrdinalIgnoreCase);
        if (zipped)
        {
            headers.ContentEncoding = "gzip";
        }

        byte[] bytes = zipped ? script.Zipped : script.Plain;
        context.Response.ContentType = name.EndsWith(".css", StringComparison.Ordinal)
            ? "text/css; charset=utf-8"
            : "text/javascript; charset=utf-8";
        context.Response.ContentLength = bytes.Length;
        await context.Response.Body.WriteAsync(bytes, context.RequestAborted);
    }

    private static bool IsScript(string file) => Path.GetExtension(file) is ".js" or ".css";

    private sealed record Script(byte[] Plain, byte[] Zipped, string Mark)
    {
        public static Script Read(string file)
        {
            byte[] plain = File.ReadAllBytes(file);
            using MemoryStream zipped = new();
            using (GZipStream gzip = new(zipped, CompressionLevel.Optimal, leaveOpen: true))
            {
                gzip.Write(plain);
            }

            return new Script(plain, zipped.ToArray(), PageScripts.Mark(plain));
        }
    }
}
