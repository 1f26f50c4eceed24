using System.Collections.Frozen;
using System.Text;
using Microsoft.AspNetCore.Http;
using Sessions.Capture.Sdk;

namespace Sessions.Web.Layout;

/// <summary>
/// The pages' style sheet, and the scripts that the build made of theirs. Without the scripts pages work too, but nothing
/// on them updates itself.
/// </summary>
internal sealed class PageAssets
{
    /// <summary>The name of the pages' style sheet.</summary>
    public const string StyleSheet = "site.css";

    // An address has its content's version, so the content under it never changes.
    private const string Caching = "public, max-age=31536000, immutable";

    private static readonly Lazy<byte[]> s_icon = new(() =>
    {
        using Stream icon = typeof(PageAssets).Assembly.GetManifestResourceStream("favicon.ico")!;
        using MemoryStream read = new();
        icon.CopyTo(read);
        return read.ToArray();
    });

    private readonly FrozenDictionary<string, Asset> _assets =
        Asset.ReadFolder(Path.Combine(AppContext.BaseDirectory, "assets"))
            .Append(KeyValuePair.Create(StyleSheet, new Asset(StyleSheet, ReadStyles())))
            .ToFrozenDictionary();

    /// <summary>The address of an asset; it changes with the content.</summary>
    public string Address(string name) =>
        _assets.TryGetValue(name, out Asset? asset) ? $"/assets/{name}?v={asset.Version}" : $"/assets/{name}";

    /// <summary>Answers with an asset; with 404 when there is none of that name.</summary>
    public Task Send(HttpContext context, string name)
    {
        if (_assets.TryGetValue(name, out Asset? asset))
        {
            return asset.Send(context, Caching);
        }

        context.Response.StatusCode = StatusCodes.Status404NotFound;
        return Task.CompletedTask;
    }

    /// <summary>Answers with the icon for browsers that ask for it by its old name.</summary>
    public static IResult SendIcon(HttpContext context)
    {
        context.Response.Headers.CacheControl = "public, max-age=86400";
        return TypedResults.Bytes(s_icon.Value, "image/x-icon");
    }

    /// <summary>The style sheets of the assembly in the order of their names: a later rule overrides an earlier one.</summary>
    private static byte[] ReadStyles()
    {
        StringBuilder all = new();
        foreach (string name in typeof(PageAssets).Assembly.GetManifestResourceNames()
                     .Where(name => name.EndsWith(".css", StringComparison.Ordinal)).Order(StringComparer.Ordinal))
        {
            using StreamReader part = new(typeof(PageAssets).Assembly.GetManifestResourceStream(name)!);
            all.Append(part.ReadToEnd()).Append('\n');
        }

        return Encoding.UTF8.GetBytes(all.ToString());
    }
}
