namespace Sessions.SystemTests.Input;

/// <summary>A way in for events, with names that no other way and no other test uses.</summary>
internal sealed class Way(string kind)
{
    private readonly string _mark = Guid.NewGuid().ToString("N")[..8];

    /// <summary>What its visitors' ids begin with.</summary>
    public string Name => $"{kind}-{_mark}";

    /// <summary>The host of its pages.</summary>
    public string Host => $"{Name}.example";

    /// <summary>The address of its site.</summary>
    public string Site => $"https://{Host}";

    /// <summary>A text in which no name of the way is left.</summary>
    public string WithoutNames(string text) => text.Replace(Name, "WAY", StringComparison.Ordinal);
}
