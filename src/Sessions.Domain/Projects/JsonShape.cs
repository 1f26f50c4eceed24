namespace Sessions.Domain.Projects;

/// <summary>The shape of a JSON value: the part of JSON Schema that the API's description needs.</summary>
/// <param name="Types">The JSON types that the value may have, such as <c>string</c> and <c>null</c>.</param>
public sealed record JsonShape(params IReadOnlyList<string> Types)
{
    /// <summary>Any value.</summary>
    public static JsonShape Anything { get; } = new();

    /// <summary>Any text.</summary>
    public static JsonShape Text { get; } = new("string");

    /// <summary>True or false.</summary>
    public static JsonShape YesNo { get; } = new("boolean");

    /// <summary>Any number.</summary>
    public static JsonShape Number { get; } = new("number");

    /// <summary>A whole number.</summary>
    public static JsonShape Whole { get; } = new("integer");

    /// <summary>The allowed texts; null for any text.</summary>
    public IReadOnlyList<string>? Words { get; init; }

    /// <summary>The shape of a list's items; null when the value is not a list.</summary>
    public JsonShape? Items { get; init; }

    /// <summary>An object's members in order; null when the value is not an object.</summary>
    public IReadOnlyList<(string Name, JsonShape Shape)>? Members { get; init; }

    /// <summary>The shape in a request, where it differs from the shape in an answer; null where it is the same.</summary>
    public JsonShape? Asked { get; init; }

    /// <summary>Whether a request may leave the member out. An answer always has it.</summary>
    public bool IsOptional { get; init; }

    /// <summary>Whether a request may have the member, which is ignored. No answer has it.</summary>
    public bool IsIgnored { get; init; }

    /// <summary>One of some texts.</summary>
    public static JsonShape OneOf(IEnumerable<string> words) => Text with { Words = [.. words] };

    /// <summary>A list.</summary>
    public static JsonShape ListOf(JsonShape items) => new("array") { Items = items };

    /// <summary>An object.</summary>
    public static JsonShape ObjectOf(params IReadOnlyList<(string Name, JsonShape Shape)> members) => new("object") { Members = members };

    /// <summary>The same shape, or null.</summary>
    public JsonShape OrNull() => this with { Types = [.. Types, "null"] };
}
