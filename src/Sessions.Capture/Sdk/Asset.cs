using System.Collections.Frozen;
using System.IO.Compression;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace Sessions.Capture.Sdk;

/// <summary>A script or style sheet that the gateway serves, from memory. ASP.NET answers conditional requests and HEAD.</summary>
internal sealed class Asset
{
    private readonly byte[] _plain;
    private readonly string _type;
    private readonly EntityTagHeaderValue _tag;

    // Made once, at the first request: most scripts of the SDK are never asked for.
    private readonly Lazy<byte[]> _zipped;

    /// <param name="name">Its file name; the extension says what it is.</param>
    /// <param name="plain">Its content.</param>
    public Asset(string name, byte[] plain)
    {
        _plain = plain;
        _type = name.EndsWith(".css", StringComparison.Ordinal) ? "text/css; charset=utf-8" : ScriptType;
        _zipped = new Lazy<byte[]>(() => Zip(plain));
        Version = Convert.ToHexStringLower(SHA256.HashData(plain).AsSpan(0, 12));

        // Weak, because it stands for the script and not for its bytes, which may be zipped.
        _tag = new EntityTagHeaderValue($"\"{Version}\"", isWeak: true);
    }

    /// <summary>The content type of scripts.</summary>
    public const string ScriptType = "text/javascript; charset=utf-8";

    /// <summary>Tells one content from another.</summary>
    public string Version { get; }

    /// <summary>
    /// The scripts and style sheets of a folder by their names; none when there is no folder. They are read once and only
    /// names that were read are found, so no path leads out of the folder.
    /// </summary>
    public static FrozenDictionary<string, Asset> ReadFolder(string folder) => Directory.Exists(folder)
        ? Directory.EnumerateFiles(folder)
            .Where(file => Path.GetExtension(file) is ".js" or ".css")
            .Select(file => (Name: Path.GetFileName(file), Content: File.ReadAllBytes(file)))
            .ToFrozenDictionary(file => file.Name, file => new Asset(file.Name, file.Content))
        : FrozenDictionary<string, Asset>.Empty;

    /// <summary>Answers a request with it.</summary>
    /// <param name="context">The request.</param>
    /// <param name="caching">The header <c>Cache-Control</c>.</param>
    /// <param name="vary">The header <c>Vary</c>.</param>
    public Task Send(HttpContext context, string caching, string vary = "Accept-Encoding")
    {
        IHeaderDictionary headers = context.Response.Headers;
        headers.CacheControl = caching;
        headers.Vary = vary;
        headers.XContentTypeOptions = "nosniff";
        bool zipped = context.Request.Headers.AcceptEncoding.ToString().Contains("gzip", StringComparison.OrdinalIgnoreCase);
        if (zipped)
        {
            headers.ContentEncoding = "gzip";
        }

        return TypedResults.Bytes(zipped ? _zipped.Value : _plain, _type, entityTag: _tag).ExecuteAsync(context);
    }

    private static byte[] Zip(byte[] plain)
    {
        using MemoryStream zipped = new();
        using (GZipStream gzip = new(zipped, CompressionLevel.Optimal, leaveOpen: true))
        {
            gzip.Write(plain);
        }

        return zipped.ToArray();
    }
}
