using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Sessions.Gateway.Pages;

/// <summary>The pages' style sheet. Its address carries its hash, so browsers keep it until it changes.</summary>
internal static class StyleSheet
{
    public const string Path = "/assets/site.css";

    private static readonly byte[] Text = Read();

    public static string Address { get; } = $"{Path}?v={PageScripts.Mark(Text)}";

    public static FileContentHttpResult Answer(HttpContext context)
    {
        context.Response.Headers.CacheControl = PageScripts.ForGood;
        context.Response.Headers.XContentTypeOptions = "nosniff";
        return TypedResults.File(Text, "text/css; charset=utf-8");
    }

    /// <summary>The files in the order of their names: what is said later wins.</summary>
    private static byte[] Read()
    {
        StringBuilder all = new();
        foreach (string name in typeof(StyleSheet).Assembly.GetManifestResourceNames()
                     .Where(name => name.EndsWith(".css", StringComparison.Ordinal)).Order(StringComparer.Ordinal))
        {
            using StreamReader part = new(typeof(StyleSheet).Assembly.GetManifestResourceStream(name)!);
            all.Append(part.ReadToEnd()).Append('\n');
        }

        return Encoding.UTF8.GetBytes(all.ToString());
    }
}
