using System.Reflection;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Logging;

namespace Sessions.Tests.Architecture;

/// <summary>
/// The product's log lines: each has an id of its own, by which operators find it, and a text that says what happened,
/// what the product does about it and what the operator should do.
/// </summary>
public sealed partial class LogTests
{
    // An id stays for good: alerts and searches name it. A new line takes the next free id of its project.
    private static readonly Dictionary<string, (int First, int Last)> Ranges = new()
    {
        ["Sessions.Silo"] = (1000, 1999),
        ["Sessions.Queries"] = (2000, 2999),
        ["Sessions.Capture"] = (3000, 3999),
        ["Sessions.Web"] = (4000, 4999),
        ["Sessions.Host"] = (5000, 5999),
        ["Sessions.Run"] = (6000, 6999),
        ["Sessions.Database"] = (7000, 7999),
        ["Sessions.Client"] = (8000, 8999),
        ["Sessions.Columns"] = (9000, 9999),
    };

    private static readonly Line[] Lines = [.. Ranges.Keys.SelectMany(LinesOf)];

    [Fact]
    public void A_log_line_has_an_id_in_the_range_of_its_project()
    {
        Assert.NotEmpty(Lines);
        Assert.Empty(Lines
            .Where(line => line.Id < Ranges[line.Project].First || line.Id > Ranges[line.Project].Last)
            .Select(line => line.ToString()));
    }

    [Fact]
    public void No_two_log_lines_have_the_same_id() =>
        Assert.Empty(Lines.GroupBy(line => line.Id).Where(same => same.Count() > 1).Select(same => string.Join(" | ", same)));

    [Fact]
    public void A_log_line_consists_of_whole_sentences()
    {
        Assert.Empty(Lines.Where(line => !line.Text.EndsWith('.')).Select(line => line.ToString()));
    }

    /// <summary>The second sentence says what the product does, or what the operator should do.</summary>
    [Fact]
    public void A_warning_and_an_error_have_at_least_two_sentences()
    {
        Assert.Empty(Lines.Where(line => line.Level >= LogLevel.Warning && Sentence().Count(line.Text) < 2).Select(line => line.ToString()));
    }

    [Fact]
    public void The_page_for_operators_lists_all_warnings_and_errors_with_their_first_sentences()
    {
        string page = File.ReadAllText(Path.Combine(ArrowTests.Root, "docs", "operations.md"));

        Assert.Equal(
            Lines.Where(line => line.Level >= LogLevel.Warning).OrderBy(line => line.Id)
                .Select(line => $"| {line.Id} | {line.Level} | {line.Text[..(Sentence().Match(line.Text).Index + 1)]} |"),
            Row().Matches(page).Select(row => row.Value));
    }

    [Theory]
    [InlineData("One. Two.", 2)]
    [InlineData("The clock (a.b.c) is wrong: see x.y.", 1)]
    [InlineData("It failed ({Reason}). Nothing is lost.", 2)]
    public void The_sentences_of_a_log_line_are_counted_correctly(string text, int expected) =>
        Assert.Equal(expected, Sentence().Count(text));

    private static IEnumerable<Line> LinesOf(string project) => Assembly.Load(project).GetTypes()
        .SelectMany(type => type.GetMethods(
            BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Static | BindingFlags.Instance | BindingFlags.DeclaredOnly))
        .Select(method => (method, text: method.GetCustomAttribute<LoggerMessageAttribute>(inherit: false)))
        .Where(found => found.text is not null)
        .Select(found => new Line(
            project,
            $"{found.method.DeclaringType!.Name}.{found.method.Name}",
            found.text!.EventId,
            // Without a level of its own the caller gives one, up to a warning.
            found.text.Level == LogLevel.None ? LogLevel.Warning : found.text.Level,
            found.text.Message ?? ""));

    [GeneratedRegex(@"\.(?=\s|$)")]
    private static partial Regex Sentence();

    [GeneratedRegex(@"^\| \d{4} \| (Warning|Error|Critical) \| .* \|(?=\r?$)", RegexOptions.Multiline)]
    private static partial Regex Row();

    private sealed record Line(string Project, string Method, int Id, LogLevel Level, string Text);
}
