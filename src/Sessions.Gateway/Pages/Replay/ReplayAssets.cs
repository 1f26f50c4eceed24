using System.Collections.Frozen;
using System.IO.Compression;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Http;

namespace Sessions.Gateway.Pages.Replay;

/// <summary>
/// The replay's script and style sheet, as the build bundled them with rrweb's player. They are read once, and only
/// names that were read are found. An address carries its file's hash, so browsers keep it until it changes.
/// </summary>
internal sealed class ReplayAssets
{
    /// <summary>Where they are served.</summary>
    public const string Path = "/assets/replay/{name}";

    private static readonly string Folder = System.IO.Path.Combine(AppContext.BaseDirectory, "replay");

    private readonly FrozenDictionary<string, Asset> _assets = Directory.Exists(Folder)
        ? Directory.EnumerateFiles(Folder).ToFrozenDictionary(file => System.IO.Path.GetFileName(file), Asset.Read)
        : FrozenDictionary<string, Asset>.Empty;

    /// <summary>A file's address.</summary>
    public string Address(string name) =>
        _assets.TryGetValue(name, out Asset? asset) ? $"/assets/replay/{name}?v={asset.Mark}" : $"/assets/replay/{name}";

    public async Task Send(HttpContext context, string name)
    {
        if (!_assets.TryGetValue(name, out Asset? asset))
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }

        IHeaderDictionary headers = context.Response.Headers;
        headers.CacheControl = "public, max-age=31536000, immutable";
        headers.Vary = "Accept-Encoding";
        headers.XContentTypeOptions = "nosniff";
        bool zipped = context.Request.Headers.AcceptEncoding.ToString().Contains("gzip", StringComparison.OrdinalIgnoreCase);
        if (zipped)
        {
            headers.ContentEncoding = "gzip";
        }

        byte[] bytes = zipped ? asset.Zipped : asset.Plain;
        context.Response.ContentType = name.EndsWith(".css", StringComparison.Ordinal)
            ? "text/css; charset=utf-8"
            : "text/javascript; charset=utf-8";
        context.Response.ContentLength = bytes.Length;
        await context.Response.Body.WriteAsync(bytes, context.RequestAborted);
    }

    private sealed record Asset(byte[] Plain, byte[] Zipped, string Mark)
    {
        public static Asset Read(string file)
        {
            byte[] plain = File.ReadAllBytes(file);
            using MemoryStream zipped = new();
            using (GZipStream gzip = new(zipped, CompressionLevel.Optimal, leaveOpen: true))
            {
                gzip.Write(plain);
            }

            return new Asset(plain, zipped.ToArray(), Convert.ToHexStringLower(SHA256.HashData(plain), 0, 6));
        }
    }
}
