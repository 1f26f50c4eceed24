using System.Text;
using System.Text.Json.Nodes;
using Sessions.Run.Import;

namespace Sessions.Tests.Run.Import;

/// <summary>Entries as a file holds them, and what became of them.</summary>
internal static class Imported
{
    public const string Firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0";

    public static AccessLogLine Log(string site = "https://shop.example", bool dropsBots = true) =>
        new(new Uri(site), [1, 2, 3], new Occurrences(), dropsBots);

    public static FileEntry Entry(string text, long offset = 0, EntryFault fault = EntryFault.None) =>
        new(Encoding.Latin1.GetBytes(text), offset, fault);

    /// <summary>A line of the combined format.</summary>
    public static string Combined(
        string request = "GET / HTTP/1.1", string who = "203.0.113.7 - -", string status = "200", string referrer = "-", string agent = Firefox) =>
        $"{who} [10/Oct/2026:13:55:36 +0200] \"{request}\" {status} 2326 \"{referrer}\" \"{agent}\"";

    public static JsonObject Event(ImportedLine line)
    {
        Assert.Null(line.Skipped);
        return JsonNode.Parse(line.Event.Span)!.AsObject();
    }

    public static JsonObject Properties(ImportedLine line) => Event(line)["properties"]!.AsObject();

    public static string? Property(ImportedLine line, string name) => Properties(line)[name]?.ToString();
}
