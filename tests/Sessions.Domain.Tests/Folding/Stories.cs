using System.Globalization;

namespace Sessions.Domain.Tests.Folding;

/// <summary>Events written as <c>name@second</c>, with blanks between them, and with <c>=url</c> after it for a current url.</summary>
internal static class Stories
{
    public static Happened[] Read(string story) => [.. story.Split(' ').Select(ReadOne)];

    private static Happened ReadOne(string text, int index)
    {
        string[] parts = text.Split('=', 2);
        string[] names = parts[0].Split('@');
        return new Happened(
            names[0],
            double.Parse(names[1], CultureInfo.InvariantCulture),
            parts.Length < 2 ? "" : $$"""{"$current_url":"{{parts[1]}}"}""")
        {
            // In the order of the story, so that ties in time have a known winner.
            Id = new Guid(index + 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1),
        };
    }
}
