namespace Sessions.Web.Layout;

/// <summary>
/// What SDKs say where a referrer would be when there is none. Pages call it <c>direct</c>; the API, files and SQL have it as it
/// was sent.
/// </summary>
public static class DirectReferrer
{
    private const string Sent = "$direct";
    private const string Name = "direct";

    /// <summary>A value as people read it.</summary>
    public static string Show(string value) => value == Sent ? Name : value;

    /// <summary>The value of a filter as people read it. Those that compare with several have them between commas.</summary>
    public static string Show(string key, string comparison, string value) => Replace(key, comparison, value, Sent, Name);

    /// <summary>The value of a filter that was typed or chosen. No referrer is called direct, so the name means just one thing.</summary>
    public static string Read(string key, string comparison, string typed) => Replace(key, comparison, typed, Name, Sent);

    private static string Replace(string key, string comparison, string value, string from, string to) =>
        !IsOfReferrers(key) ? value
        : comparison is "in" or "not_in" ? string.Join(',', value.Split(',').Select(one => one.Trim() == from ? one.Replace(from, to, StringComparison.Ordinal) : one))
        : comparison is "exact" or "is_not" && value == from ? to
        : value;

    private static bool IsOfReferrers(string key) => key.Contains("referr", StringComparison.Ordinal);
}
