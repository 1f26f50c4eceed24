using Sessions.Domain.Channels;

namespace Sessions.Domain.Projects;

/// <summary>Validates what starts a recording: addresses and events.</summary>
internal static class TriggerCheck
{
    private const int MaxTriggers = 50;
    private const int MaxUrlLength = 500;
    private const int MaxEventLength = 200;

    public static IEnumerable<SettingProblem> UrlProblems(string field, IReadOnlyList<string> urls)
    {
        foreach (SettingProblem problem in TextProblems(field, urls, MaxUrlLength))
        {
            yield return problem;
        }

        foreach ((int index, string? url) in urls.Take(MaxTriggers).Index())
        {
            if (IsText(url, MaxUrlLength) && JavaScriptRegex.Fault(url) is { } fault)
            {
                yield return new SettingProblem($"{field}[{index}]", $"is not a regular expression of JavaScript: {fault}");
            }
        }
    }

    public static IEnumerable<SettingProblem> EventProblems(string field, IReadOnlyList<string> events) =>
        TextProblems(field, events, MaxEventLength);

    private static IEnumerable<SettingProblem> TextProblems(string field, IReadOnlyList<string> texts, int maxLength)
    {
        if (texts.Count > MaxTriggers)
        {
            yield return new SettingProblem(field, $"must be at most {MaxTriggers} texts");
        }

        foreach ((int index, string? text) in texts.Take(MaxTriggers).Index())
        {
            if (!IsText(text, maxLength))
            {
                yield return new SettingProblem($"{field}[{index}]", $"must be a text of 1 to {maxLength} characters");
            }
        }
    }

    private static bool IsText(string? text, int maxLength) =>
        !string.IsNullOrWhiteSpace(text) && text.Length <= maxLength && PlainText.IsPlain(text);
}
