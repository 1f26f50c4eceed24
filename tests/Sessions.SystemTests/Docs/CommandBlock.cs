using System.Text.RegularExpressions;
using Sessions.SystemTests.Harness;

namespace Sessions.SystemTests.Docs;

/// <summary>A fenced block of the documentation.</summary>
/// <param name="File">Its file, from the repository's root.</param>
/// <param name="Line">Where it begins.</param>
/// <param name="Language">What it is marked as; empty when it is not.</param>
/// <param name="Text">What stands in it.</param>
public sealed partial record CommandBlock(string File, int Line, string Language, string Text)
{
    /// <summary>The README and everything under <c>docs</c>.</summary>
    public static IReadOnlyList<string> Files { get; } =
    [
        "README.md",
        .. Directory.GetFiles(Path.Combine(Repository.Root, "docs"), "*.md")
            .Select(file => Path.GetRelativePath(Repository.Root, file))
            .Order(StringComparer.Ordinal),
    ];

    /// <summary>Whether a reader would take it for something to type.</summary>
    public bool LooksTyped => Typed().IsMatch(Text);

    /// <summary>The blocks of a file, in order.</summary>
    public static IEnumerable<CommandBlock> Of(string file)
    {
        string content = System.IO.File.ReadAllText(Path.Combine(Repository.Root, file));
        return Fenced().Matches(content).Select(match => new CommandBlock(
            file,
            content.AsSpan(0, match.Index).Count('\n') + 1,
            match.Groups["language"].Value,
            match.Groups["text"].Value));
    }

    public override string ToString() => $"{File}:{Line}";

    [GeneratedRegex("^```(?<language>[a-z]*)[^\n]*\n(?<text>.*?)^```$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Fenced();

    [GeneratedRegex(@"^(\./|curl |psql |pg_|docker |kubectl |dotnet |git |openssl |createdb |npm )", RegexOptions.Multiline)]
    private static partial Regex Typed();
}
