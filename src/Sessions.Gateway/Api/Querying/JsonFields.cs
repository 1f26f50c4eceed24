using System.Text.Json;

namespace Sessions.Gateway.Api.Querying;

/// <summary>Reads the members of one JSON object; what is wrong is remembered in the request's fields.</summary>
internal sealed class JsonFields
{
    private readonly AskedFields _fields;
    private readonly string _prefix;
    private readonly JsonElement _value;

    /// <param name="fields">Remembers what is wrong.</param>
    /// <param name="name">The object's own name; empty for the body.</param>
    /// <param name="value">The object.</param>
    /// <param name="known">All members that it may have.</param>
    public JsonFields(AskedFields fields, string name, JsonElement value, string[] known)
    {
        _fields = fields;
        _prefix = name.Length == 0 ? "" : $"{name}.";
        if (value.ValueKind != JsonValueKind.Object)
        {
            fields.Refuse(name.Length == 0 ? "body" : name, "must be a JSON object");
            return;
        }

        _value = value;
        foreach (JsonProperty member in value.EnumerateObject())
        {
            if (!known.Contains(member.Name))
            {
                fields.Refuse(_prefix + member.Name, $"is not known: expected {string.Join(", ", known)}");
            }
        }
    }

    /// <summary>The member; null when it is absent or null.</summary>
    public JsonElement? Find(string name) =>
        _value.ValueKind == JsonValueKind.Object && _value.TryGetProperty(name, out JsonElement member)
        && member.ValueKind != JsonValueKind.Null
            ? member
            : null;

    public string? Text(string name)
    {
        if (Find(name) is not { } member)
        {
            return null;
        }

        if (member.ValueKind == JsonValueKind.String)
        {
            return member.GetString();
        }

        _fields.Refuse(_prefix + name, "must be a text");
        return null;
    }

    public bool? YesNo(string name)
    {
        if (Find(name) is not { } member)
        {
            return null;
        }

        if (member.ValueKind is JsonValueKind.True or JsonValueKind.False)
        {
            return member.GetBoolean();
        }

        _fields.Refuse(_prefix + name, "must be true or false");
        return null;
    }

    public int? Whole(string name, int least, int most)
    {
        if (Find(name) is not { } member)
        {
            return null;
        }

        if (member.ValueKind == JsonValueKind.Number && member.TryGetInt32(out int number) && number >= least && number <= most)
        {
            return number;
        }

        _fields.Refuse(_prefix + name, $"must be a whole number from {least} to {most}");
        return null;
    }
}
