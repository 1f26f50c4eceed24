using System.Security.Cryptography;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Sessions.Gateway.Pages;

/// <summary>The pages' style sheet. Its address carries its hash, so browsers keep it until it changes.</summary>
internal static class StyleSheet
{
    public const string Path = "/assets/site.css";

    private static readonly byte[] Text = Read();

    public static string Address { get; } = $"{Path}?v={Convert.ToHexStringLower(SHA256.HashData(Text), 0, 6)}";

    public static FileContentHttpResult Answer(HttpContext context)
    {
        context.Response.Headers.CacheControl = "public, max-age=31536000, immutable";
        return TypedResults.File(Text, "text/css; charset=utf-8");
    }

    private static byte[] Read()
    {
        using Stream stream = typeof(StyleSheet).Assembly.GetManifestResourceStream("site.css")
            ?? throw new InvalidOperationException("site.css is not embedded in the assembly.");
        using MemoryStream copy = new();
        stream.CopyTo(copy);
        return copy.ToArray();
    }
}
