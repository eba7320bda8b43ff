package serve

// The answers of the API. openapi.yaml says what each field is; a test holds every answer against it.

// Item is an image.
type Item struct {
	ID      string   `json:"id"`
	Number  int      `json:"number"`
	Path    string   `json:"path"`
	Width   int32    `json:"width"`
	Height  int32    `json:"height"`
	Size    int64    `json:"size"`
	Format  string   `json:"format"`
	Taken   string   `json:"taken"`
	Label   string   `json:"label"`
	Split   string   `json:"split"`
	Group   int      `json:"group"`
	Tags    []string `json:"tags"`
	Quality []string `json:"quality"`
}

// Items is a part of a list.
type Items struct {
	Total int    `json:"total"`
	Items []Item `json:"items"`
}

// Count is how many images have something.
type Count struct {
	Name  string `json:"name"`
	Count int    `json:"count"`
}

// Facets are how many images have each value of each facet, among those that pass what a filter says of all other facets.
type Facets struct {
	Total     int     `json:"total"`
	Splits    []Count `json:"splits"`
	Labels    []Count `json:"labels"`
	Folders   []Count `json:"folders"`
	Groups    []Count `json:"groups"`
	Quality   []Count `json:"quality"`
	Tags      []Count `json:"tags"`
	Taken     []Count `json:"taken"`
	Duplicate []Count `json:"duplicate"`
}

// About is what the collection holds.
type About struct {
	Name       string  `json:"name"`
	Images     int     `json:"images"`
	Dimensions int     `json:"dimensions"`
	Generation int     `json:"generation"`
	Stale      bool    `json:"stale"`
	Model      string  `json:"model"`
	Splits     []Count `json:"splits"`
	Labels     []Count `json:"labels"`
	Folders    []Count `json:"folders"`
	Quality    []Count `json:"quality"`
	Taken      []Count `json:"taken"`
	Groups     int     `json:"groups"`
	Map        bool    `json:"map"`
	Duplicates *int    `json:"duplicates"`
	Copied     int     `json:"in_duplicates"`
	Pictures   string  `json:"pictures"`
	Version    string  `json:"version"`
}

// Filter is what images have to pass: of each list that is not empty, one entry.
type Filter struct {
	Split     []string `json:"split"`
	Label     []string `json:"label"`
	Folder    []string `json:"folder"`
	Group     []string `json:"group"`
	Quality   []string `json:"quality"`
	Tag       []string `json:"tag"`
	Path      []string `json:"path"`
	Taken     []string `json:"taken"`
	Duplicate *bool    `json:"duplicate"`
}

// Example is an image of the collection, or a vector, with its weight in a query.
type Example struct {
	ID     string    `json:"id"`
	Vector []float32 `json:"vector"`
	Weight *float64  `json:"weight"`
}

// Query is a search.
type Query struct {
	Like   []Example `json:"like"`
	Minus  []Example `json:"minus"`
	K      *int      `json:"k"`
	Others bool      `json:"others"`
	Rerank bool      `json:"rerank"`
	Filter Filter    `json:"filter"`
}

// Hit is a result of a search.
type Hit struct {
	ID    string  `json:"id"`
	Path  string  `json:"path"`
	Score float32 `json:"score"`
	Item  Item    `json:"item"`
}

// Group is a group of udml-gpu cluster.
type Group struct {
	Number int    `json:"number"`
	Name   string `json:"name"`
	Count  int    `json:"count"`
	Medoid string `json:"medoid"`
}

// Copies is a group of duplicates.
type Copies struct {
	Kind          string  `json:"kind"`
	MinSimilarity float64 `json:"min_similarity"`
	Saved         int64   `json:"saved"`
	Items         []Item  `json:"items"`
}

// Duplicates are the groups of duplicates at a similarity.
type Duplicates struct {
	Threshold  float64  `json:"threshold"`
	Similarity float64  `json:"similarity"`
	NearPairs  int      `json:"near_pairs"`
	Total      int      `json:"total"`
	Images     int      `json:"images"`
	Saved      int64    `json:"saved"`
	Groups     []Copies `json:"groups"`
}

// Selection names images: by ids, by a polygon on the map, or those of groups of duplicates that need not be kept; otherwise all.
type Selection struct {
	IDs     []string     `json:"ids"`
	Polygon [][2]float64 `json:"polygon"`
	Spare   *float64     `json:"spare"`
	Filter  Filter       `json:"filter"`
	Limit   *int         `json:"limit"`
}

// IDs are images by their ids and, in the same order, numbers.
type IDs struct {
	IDs     []string `json:"ids"`
	Numbers []int32  `json:"numbers"`
}

// Tagging gives a tag to images, or takes it away.
type Tagging struct {
	Tag    string   `json:"tag"`
	IDs    []string `json:"ids"`
	Remove bool     `json:"remove"`
}
