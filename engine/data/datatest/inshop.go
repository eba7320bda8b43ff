package datatest

// InshopFiles is a small In-Shop below its top folder: the first lines of its lists as published, with columns separated
// by runs of spaces, and lines of other items.
func InshopFiles() map[string][]byte {
	return map[string][]byte{
		"Eval/list_eval_partition.txt": []byte("6\nimage_name item_id evaluation_status\n" +
			"img/WOMEN/Dresses/id_00000002/02_1_front.jpg                                 id_00000002 train\n" +
			"img/WOMEN/Dresses/id_00000002/02_2_side.jpg                                  id_00000002 train\n" +
			"img/WOMEN/Blouses_Shirts/id_00000001/02_1_front.jpg                          id_00000001 gallery\n" +
			"img/WOMEN/Blouses_Shirts/id_00000001/02_2_side.jpg                           id_00000001 query  \n" +
			"img/MEN/Denim/id_00000080/01_1_front.jpg                                     id_00000080 gallery\n" +
			"img/MEN/Denim/id_00000080/01_7_additional.jpg                                id_00000080 query\n"),
		"Anno/list_bbox_inshop.txt": []byte("6\nimage_name clothes_type pose_type x_1 y_1 x_2 y_2\n" +
			"img/WOMEN/Dresses/id_00000002/02_1_front.jpg                                 3 1 050 049 208 235\n" +
			"img/WOMEN/Blouses_Shirts/id_00000001/02_1_front.jpg                          1 1 001 000 003 002\n" +
			"img/WOMEN/Dresses/id_00000002/02_2_side.jpg                                  3 2 000 000 004 003\n" +
			"img/WOMEN/Blouses_Shirts/id_00000001/02_2_side.jpg                           1 2 000 000 004 003\n" +
			"img/MEN/Denim/id_00000080/01_1_front.jpg                                     2 1 000 000 004 003\n" +
			"img/MEN/Denim/id_00000080/01_7_additional.jpg                                2 6 000 000 004 003\n"),
	}
}

// InshopPaths are the images of InshopFiles below their folder.
var InshopPaths = []string{
	"WOMEN/Dresses/id_00000002/02_1_front.jpg", "WOMEN/Dresses/id_00000002/02_2_side.jpg",
	"WOMEN/Blouses_Shirts/id_00000001/02_1_front.jpg",
	"WOMEN/Blouses_Shirts/id_00000001/02_2_side.jpg", "MEN/Denim/id_00000080/01_1_front.jpg", "MEN/Denim/id_00000080/01_7_additional.jpg",
}

// InshopIn is the data set with its images in that folder.
func InshopIn(folder string) map[string][]byte {
	files := InshopFiles()
	for _, p := range InshopPaths {
		files[folder+p] = nil
	}
	return files
}
